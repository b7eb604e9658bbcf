"""Errors become problem JSON (RFC 9457) here and nowhere else; texts name fields, never values, never exceptions."""

from typing import Any

import msgspec
from starlette.responses import Response

from shared.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Overloaded,
    SlackerError,
    TooLarge,
    Transient,
    Unauthenticated,
)

# The first class that fits counts, so a subclass stands before its base.
_STATUSES: tuple[tuple[type[SlackerError], int, str], ...] = (
    (Malformed, 400, "The body cannot be read"),
    (Invalid, 422, "The request breaks its contract"),
    (TooLarge, 413, "The body is too large"),
    (Unauthenticated, 401, "Who asks is unknown"),
    (Forbidden, 403, "Who asks may not"),
    (NotFound, 404, "There is no such thing"),
    (Conflict, 409, "In conflict with what is there"),
    (Overloaded, 429, "Too much at once"),
    (Transient, 503, "Try again"),
)


def problem(error: BaseException) -> Response:
    """The response for an error; one that is not of our tree, or is `Misconfigured`, is a 500 that says no more."""
    for kind, status, title in _STATUSES:
        if isinstance(error, kind):
            return problem_response(status, title, str(error), error)
    return problem_response(500, "Something is wrong on our side", "the cause is in the log")


def problem_response(status: int, title: str, detail: str, error: BaseException | None = None) -> Response:
    """A problem JSON response; an `Invalid` adds its list of fields, a 401, a 429 and a 503 their header."""
    content: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if isinstance(error, Invalid):
        content["problems"] = [{"field": p.field, "message": p.message} for p in error.problems]
    later = {"retry-after": "1"}
    headers = {401: {"www-authenticate": "Bearer"}, 429: later, 503: later}.get(status)
    return Response(msgspec.json.encode(content), status, headers, "application/problem+json")


def method_not_allowed(*allowed: str) -> Response:
    """A 405 that names the methods the path does take (RFC 9110, 15.5.6)."""
    response = problem_response(405, "The path does not take this method", f"use {' or '.join(allowed)}")
    response.headers["allow"] = ", ".join(allowed)
    return response
