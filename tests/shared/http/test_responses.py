"""Errors as problem JSON."""

import json

import pytest

from shared import schema_files
from shared.errors import (
    Conflict,
    Damaged,
    DeadlineExceeded,
    Forbidden,
    Invalid,
    Malformed,
    Misconfigured,
    NotFound,
    Overloaded,
    PreconditionFailed,
    Problem,
    SlackerError,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    WriteConflict,
)
from shared.http.responses import method_not_allowed, problem
from shared.json_schema import JsonSchema


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed(Problem("", "no JSON")), 400),
        (Invalid(Problem("/a", "expected")), 422),
        (TooLarge(3), 413),
        (UnsupportedMediaType("JSON"), 415),
        (Unauthenticated("no token"), 401),
        (Forbidden("not you"), 403),
        (NotFound("nothing"), 404),
        (PreconditionFailed("changed"), 412),
        (Conflict("another"), 409),
        (Overloaded("too much"), 429),
        (WriteConflict("changed"), 503),
        (DeadlineExceeded("late"), 503),
        (Unavailable("down"), 503),
        (Damaged("cannot be read"), 500),
        (Misconfigured("set it"), 500),
        (SlackerError("?"), 500),
        (ValueError("C-1"), 500),
    ],
)
def test_each_error_has_its_status_and_keeps_the_contract(error: Exception, status: int) -> None:
    response = problem(error)
    content = json.loads(bytes(response.body))
    JsonSchema(schema_files.load("json/problem.v1.json")).validate(content)
    assert (response.status_code, content["status"], response.media_type) == (
        status,
        status,
        "application/problem+json",
    )


def test_every_wrong_field_is_named() -> None:
    content = json.loads(bytes(problem(Invalid(Problem("/a", "x expected"), Problem("/b", "is required"))).body))
    assert content["problems"] == [{"field": "/a", "message": "x expected"}, {"field": "/b", "message": "is required"}]


def test_an_exception_that_is_not_ours_says_nothing_of_itself() -> None:
    assert b"C-1" not in bytes(problem(ValueError("C-1")).body)


def test_a_transient_error_says_when_to_try_again() -> None:
    assert problem(Unavailable("down")).headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("error", "phrase"),
    [
        (NotFound("nothing"), "Not Found"),
        (TooLarge(3), "Content Too Large"),
        (Invalid(Problem("/a", "expected")), "Unprocessable Content"),
        (Unavailable("down"), "Service Unavailable"),
        (ValueError("C-1"), "Internal Server Error"),
    ],
)
def test_a_title_is_the_phrase_of_its_status_in_rfc_9110(error: Exception, phrase: str) -> None:
    content = json.loads(bytes(problem(error).body))
    assert (content["type"], content["title"]) == ("about:blank", phrase)


def test_a_wrong_method_is_told_the_right_ones() -> None:
    response = method_not_allowed("GET", "PUT")
    content = json.loads(bytes(response.body))
    assert (response.status_code, response.headers["allow"]) == (405, "GET, PUT")
    assert (content["title"], content["detail"]) == ("Method Not Allowed", "use GET or PUT")
