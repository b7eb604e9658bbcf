"""The client of the operators' API, which authorises each call and puts it on record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec
import requests
import urllib3

from shared.backoff import Retryable, backoff, retry_blocking
from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import (
    Conflict,
    DeadlineExceeded,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    SlackerError,
    Unauthenticated,
    Unavailable,
)
from shared.json_value import NO_JSON

WITHIN = 60.0
"""Seconds for one call with all its tries."""

_ONE_TRY = 25.0  # seconds; the service answers within twenty
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 4.0  # seconds, doubled after each failure
_MAX_BYTES = 50_000_000
_AGAIN = {429, 502, 503, 504}


class _ProblemDetails(msgspec.Struct):
    """A problem as the service tells it."""

    detail: str
    problems: list[Problem] = []


@dataclass(frozen=True, slots=True)
class OperatorClient:
    """Calls the API at `base` under `token()`. Errors come back as the service raised them, as far as HTTP tells."""

    base: str
    token: Callable[[], str]
    within: float = WITHIN
    clock: Clock = SYSTEM

    def get(self, path: str, **query: Any) -> Any:
        """GET `path`, as decoded JSON; a query parameter that is `None` is left out."""
        return self._call("GET", path, query, None, safe=True)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """PUT `body` to `path`; retried, since a PUT is idempotent."""
        return self._call("PUT", path, {}, body, safe=True)

    def post(self, path: str, body: Mapping[str, Any], *, safe: bool = False) -> Any:
        """POST `body` to `path`; retried only where `safe` says that doing it twice is as good as once."""
        return self._call("POST", path, {}, body, safe=safe)

    def _call(
        self, method: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None, *, safe: bool
    ) -> Any:
        deadline = Deadline.after(self.within, self.clock)
        waits = backoff(_FIRST_PAUSE, growth=2, longest=_LONGEST_PAUSE) if safe else ()
        return retry_blocking(lambda: self._once(method, path, query, body, deadline), waits, deadline)

    def _once(
        self, method: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None, deadline: Deadline
    ) -> Any:
        try:
            with requests.request(
                method,
                self.base + path,
                params={name: value for name, value in query.items() if value is not None},
                json=body,
                headers={"authorization": f"Bearer {self.token()}"},
                timeout=max(0.05, min(_ONE_TRY, deadline.remaining())),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _content(response, deadline)
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise Retryable(DeadlineExceeded(f"{self.base} did not answer in time")) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Retryable(Unavailable(f"{self.base} does not answer: see SLACKER_OPERATOR_API")) from error
        if response.status_code != 200:
            raise _refusal(response, content, self.base)
        try:
            return msgspec.json.decode(content)
        except NO_JSON as error:
            raise Retryable(Unavailable(f"{self.base} answered what is no JSON")) from error


def _content(response: requests.Response, deadline: Deadline) -> bytes:
    content = bytearray()
    while piece := response.raw.read1(65_536, decode_content=True):  # what has come, not what was promised
        content += piece
        if len(content) > _MAX_BYTES:
            raise Unavailable(f"{response.url} answered more than {_MAX_BYTES} bytes")
        if deadline.passed():
            raise DeadlineExceeded(f"{response.url} did not answer in time")
    return bytes(content)


def segment(text: str) -> str:
    """`text` as one segment of a path."""
    return quote(text, safe="")


def _refusal(response: requests.Response, content: bytes, base: str) -> SlackerError | Retryable:
    status = response.status_code
    try:
        details = msgspec.json.decode(content, type=_ProblemDetails)
    except NO_JSON:
        details = _ProblemDetails(f"{base} answered with status {status}")
    kinds: dict[int, type[SlackerError]] = {
        401: Unauthenticated, 403: Forbidden, 404: NotFound, 409: Conflict, 413: Forbidden,
    }  # fmt: skip
    if status in {400, 422}:
        kind = Malformed if status == 400 else Invalid
        return kind(*(details.problems or [Problem("", details.detail)]))
    if status in kinds:
        return kinds[status](details.detail)
    after = response.headers.get("retry-after", "")
    error = Unavailable(details.detail)
    return Retryable(error, float(after) if after.isdecimal() else 0.0) if status in _AGAIN else error
