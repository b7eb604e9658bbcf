"""The door: who gets in, what is checked there, and that the description is the truth."""

import json
from typing import Any

import pytest

from functions.operator_api.service import DOCUMENT
from shared.http.openapi import description
from shared.privacy import DataClass
from tests.support.builders.operator_api import Office, review, store


def _leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every field of the described schemas that has no members of its own, and its data class."""
    leaves = []
    for name, part in value.get("properties", {}).items():
        inner = part.get("items", part)
        if "properties" in inner:
            leaves += _leaves(inner, f"{path}/{name}")
        elif not ("$ref" in inner and "x-data-class" not in inner and "x-data-class" not in part):
            leaves.append((f"{path}/{name}", inner.get("x-data-class", part.get("x-data-class"))))
    return leaves


def test_every_field_says_what_it_is_for_privacy() -> None:
    schemas = description(DOCUMENT)["components"]["schemas"]
    leaves = [leaf for name, schema in schemas.items() for leaf in _leaves(schema, name)]
    assert [path for path, declared in leaves if declared not in set(DataClass)] == []


async def test_who_is_no_operator_learns_of_no_path() -> None:
    office = Office()
    replies = [await office.call("eve", "GET", path) for path in ("/v1/reviews", "/v1/openapi.json", "/nowhere")]
    assert [reply.status for reply in replies] == [403, 403, 403]


async def test_the_description_is_served_to_operators() -> None:
    office = Office()
    assert (await office.call("ana", "GET", "/v1/openapi.json")).json == json.loads(json.dumps(description(DOCUMENT)))
    assert (await office.call("eve", "GET", "/v1/openapi.json")).status == 403
    assert (await office.call("ana", "POST", "/v1/openapi.json")).status == 405


@pytest.mark.parametrize(
    ("method", "path", "query", "status", "expected"),
    [
        ("GET", "/", "", 404, "the paths of this service are in /v1/openapi.json"),
        ("GET", "/v1/reviews//approve", "", 404, "the paths of this service are in /v1/openapi.json"),
        ("DELETE", "/v1/reviews", "", 405, "use GET"),
        ("GET", "/v1/reviews", "limit=0", 422, "?limit: the value is less than the minimum of 1"),
        ("GET", "/v1/reviews", "limit=many", 422, "?limit: a whole number expected"),
        ("GET", "/v1/reviews", "status=closed", 422, '?status: the value is not one of "open" or "any"'),
        ("GET", "/v1/reviews", "sort=by", 422, "?sort: is not a parameter here: status, after, limit, why expected"),
        ("GET", "/v1/reviews/no such", "", 422, None),
        ("GET", "/v1/reviews/transaction.op-9.1", "", 404, "there is no review of this id"),
        ("POST", "/v1/reviews/transaction.op-9.1/approve", "", 400, "/: the body is not JSON"),
    ],
)
async def test_a_wrong_call_is_told_what_was_expected(
    method: str, path: str, query: str, status: int, expected: str | None
) -> None:
    answer = await Office().call("ana", method, path, query=query)
    assert (answer.status, expected is None or answer.json["detail"] == expected) == (status, True), answer.json


async def test_without_the_token_key_no_client_is_shown_and_switches_still_turn() -> None:
    office = Office()
    await store(office.documents, review())
    office.service.log.tokens = None
    assert (await office.call("ana", "GET", "/v1/reviews")).status == 503
    assert (await office.judge("ana", "approve")).status == 503
    off = {"on": False, "why": "sends twice"}
    assert (await office.call("ana", "PUT", "/v1/switches/notify_client.text", off)).status == 200
