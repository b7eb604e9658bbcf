"""An HTTP request as a service reads it: method, path, headers, query as plain values, its trace and time of arrival.

Made once a request: looking a header up in the framework's own objects decodes it again each time.
"""

import os
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Malformed, Problem, TooLarge
from shared.trace import Trace, child_of

_BODY_TIMEOUT = 2.0  # seconds; a slow sender takes memory, and one of the requests that are served at a time


class HttpRequest(msgspec.Struct):
    """A request. Header names are in lower case; `arrived` is an instant of `clock`."""

    method: str
    path: str
    headers: dict[str, str]
    trace: Trace
    arrived: float
    _request: Request
    clock: Clock = SYSTEM

    def deadline(self, seconds: float) -> Deadline:
        """The deadline `seconds` after the request arrived."""
        return Deadline(self.arrived + seconds, self.clock)

    def elapsed(self) -> float:
        """Seconds since the request arrived."""
        return self.clock.monotonic() - self.arrived

    def query(self) -> dict[str, str]:
        """The query's parameters, the last of each name."""
        return dict(parse_qsl(self._request.scope["query_string"].decode("latin-1"), keep_blank_values=True))

    async def body(self, limit: int) -> bytes:
        """The whole body; raises `TooLarge` as soon as it passes `limit` bytes, `Malformed` if the sender hung up,
        `DeadlineExceeded` if it takes longer than 2 s.
        """
        declared = self.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise TooLarge(limit)
        try:
            async with self.clock.timeout(_BODY_TIMEOUT):
                return await self._received(limit)
        except TimeoutError as error:
            raise DeadlineExceeded("the body did not come in time") from error

    async def _received(self, limit: int) -> bytes:
        receive = self._request.receive
        chunks: list[bytes] = []
        size = 0
        while True:
            message: Any = await receive()
            if message["type"] == "http.disconnect":
                raise Malformed(Problem("", "the sender hung up before the end of the body"))
            chunk: bytes = message.get("body", b"")
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                raise TooLarge(limit)
            if not message.get("more_body", False):
                return chunk if len(chunks) == 1 else b"".join(chunks)


def from_starlette(request: Request, clock: Clock = SYSTEM) -> HttpRequest:
    """The request that the framework hands over, arrived just now. Of a header sent twice, all are joined as
    one (RFC 9110, 5.2), so that the platform and this code read the same token.
    """
    scope = request.scope
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    trace = child_of(headers.get("traceparent"), os.urandom(24))
    return HttpRequest(scope["method"], scope["path"], headers, trace, clock.monotonic(), request, clock)
