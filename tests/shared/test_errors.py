"""Errors say in words for people what is wrong, and edges what to do."""

import pytest

from shared.errors import Deferred, Invalid, Malformed, Permanent, Problem, SlackerError, TooLarge, Transient


def test_invalid_input_names_every_field() -> None:
    error = Invalid(Problem("/a", "a number expected"), Problem("", "an object expected"))
    assert (str(error), [problem.field for problem in error.problems]) == (
        "/a: a number expected; /: an object expected",
        ["/a", ""],
    )


def test_a_body_that_is_too_large_is_told_with_its_limit() -> None:
    assert (str(TooLarge(7)), TooLarge(7).limit) == ("the body is larger than 7 bytes", 7)


def test_what_is_deferred_says_when_to_come_back_and_keeps_its_message() -> None:
    assert (str(Deferred("busy", 2.5)), Deferred("busy", 2.5).after) == ("busy", 2.5)


def leaves(error: type[SlackerError]) -> list[type[SlackerError]]:
    """The errors below `error`, in any depth."""
    return [leaf for below in error.__subclasses__() for leaf in (below, *leaves(below))]


@pytest.mark.parametrize("error", [error for error in leaves(SlackerError) if error.__module__ == "shared.errors"])
def test_every_error_is_for_good_or_for_now(error: type[SlackerError]) -> None:
    assert issubclass(error, Permanent) is not issubclass(error, Transient)


def test_what_is_not_in_its_encoding_is_invalid() -> None:
    assert issubclass(Malformed, Invalid)
