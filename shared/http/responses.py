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
    PreconditionFailed,
    SlackerError,
    TooLarge,
    Transient,
    Unauthenticated,
    UnsupportedMediaType,
)

# The first class that fits counts, so a subclass stands before its base.
_STATUSES: tuple[tuple[type[SlackerError], int], ...] = (
    (Malformed, 400),
    (Invalid, 422),
    (TooLarge, 413),
    (UnsupportedMediaType, 415),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (PreconditionFailed, 412),
    (Conflict, 409),
    (Overloaded, 429),
    (Transient, 503),
)

PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
"""Status phrases of RFC 9110, 15, and of RFC 6585 for 429; those of `http.HTTPStatus` change with Python's version."""


def problem(error: BaseException) -> Response:
    """The response for an error; any other than these, as `Damaged` and `Misconfigured`, is a 500 that says no more."""
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return _response(status, str(error), error)
    return _response(500, "the cause is in the log")


def method_not_allowed(*allowed: str) -> Response:
    """A 405 that names the methods the path does take (RFC 9110, 15.5.6)."""
    response = _response(405, f"use {' or '.join(allowed)}")
    response.headers["allow"] = ", ".join(allowed)
    return response


def _response(status: int, detail: str, error: BaseException | None = None) -> Response:
    """Problem JSON; an `Invalid` adds its list of fields, a 401, a 429 and a 503 their header.

    The type is `about:blank`, so the title is the status phrase (RFC 9457, 4.2.1).
    """
    content: dict[str, Any] = {"type": "about:blank", "title": PHRASES[status], "status": status, "detail": detail}
    if isinstance(error, Invalid):
        content["problems"] = [{"field": p.field, "message": p.message} for p in error.problems]
    later = {"retry-after": "1"}
    headers = {401: {"www-authenticate": "Bearer"}, 429: later, 503: later}.get(status)
    return Response(msgspec.json.encode(content), status, headers, "application/problem+json")
