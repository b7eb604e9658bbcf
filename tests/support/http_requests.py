"""Requests as the server hands them to an entry point, without a server, and the answers to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shared.clock import SYSTEM, Clock
from shared.http.request import HttpRequest, from_starlette


@dataclass
class Reply:
    """An answer: header names are in lower case, `json` is `None` without a body."""

    status: int
    headers: dict[str, str]
    json: Any


def starlette_request(
    body: bytes = b"", headers: Mapping[str, str] | None = None, *, method: str = "POST", path: str = "/",
    query: str = "",
) -> Request:  # fmt: skip
    """A request as the server hands it over."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
    }  # fmt: skip
    return Request(scope, receive)


def http_request(
    method: str, path: str, body: object = None, query: str = "", headers: Mapping[str, str] | None = None,
    clock: Clock = SYSTEM,
) -> HttpRequest:  # fmt: skip
    """A request as an entry point hands it to its service; see `content` for the body."""
    return from_starlette(starlette_request(content(body), headers, method=method, path=path, query=query), clock)


def content(body: object) -> bytes:
    """The bytes of a body: what is not bytes is sent as JSON, and `None` is no body."""
    return b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()


def reply_of(response: Response) -> Reply:
    """An answer as a client reads it."""
    body = bytes(response.body)
    return Reply(response.status_code, dict(response.headers), json.loads(body) if body else None)
