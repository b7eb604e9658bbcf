"""Google's JSON APIs, for what has a person waiting at a keyboard: each call has a deadline, a bounded answer and
retries.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import requests
import urllib3

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Forbidden, SlackerError, Unauthenticated, Unavailable
from shared.pauses import pauses

MAX_ANSWER = 50_000_000
"""Bytes of one answer; a page of a thousand log entries has about one million."""

_LONGEST_WAIT = 10.0  # seconds for a connection, and between two pieces of an answer
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0  # seconds, doubled after each failure
_AGAIN = {408, 429, 500, 502, 503, 504}


class _Passing(Exception):
    """A failure that may be over soon; `after` is how long the server asked to be left alone, in seconds."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.after = after


def call(url: str, token: str, deadline: Deadline, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON object at `url`: a GET, or a POST of `body` (a query: it must be safe to do again).

    Raises `Unauthenticated`, `Forbidden`, `Unavailable` for an answer that is none, `DeadlineExceeded`.
    """
    waits = pauses(_FIRST_PAUSE, growth=2, longest=_LONGEST_PAUSE)
    while not deadline.passed():
        try:
            return _once(url, token, deadline, body)
        except _Passing as failure:
            wait = max(failure.after, next(waits))
            if wait >= deadline.remaining():
                raise Unavailable(f"{_host(url)} does not answer as it should: {failure}") from failure
            deadline.clock.block(wait)
    raise DeadlineExceeded(f"{_host(url)} did not answer in time")


def _once(url: str, token: str, deadline: Deadline, body: Mapping[str, Any] | None) -> dict[str, Any]:
    try:
        with requests.request(
            "GET" if body is None else "POST",
            url,
            json=body,
            headers={"authorization": f"Bearer {token}"},
            timeout=max(0.001, min(deadline.remaining(), _LONGEST_WAIT)),
            allow_redirects=False,
            stream=True,
        ) as response:
            content = _content(response, deadline)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _Passing(type(error).__name__) from error
    if response.status_code != 200:
        raise _refusal(url, response)
    try:
        found = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise _Passing("no JSON") from error
    if not isinstance(found, dict):
        raise _Passing("no JSON object")
    return found


def _content(response: requests.Response, deadline: Deadline) -> bytes:
    content = bytearray()
    while piece := response.raw.read1(65_536, decode_content=True):  # what has come, not what was promised
        content += piece
        if len(content) > MAX_ANSWER:
            raise Unavailable(f"{_host(response.url)} answered more than {MAX_ANSWER} bytes")
        if deadline.passed():
            raise DeadlineExceeded(f"{_host(response.url)} did not answer in time")
    return bytes(content)


def _refusal(url: str, response: requests.Response) -> SlackerError | _Passing:
    status = response.status_code
    if status in _AGAIN:
        after = response.headers.get("retry-after", "")
        return _Passing(f"status {status}", float(after) if after.isdecimal() else 0.0)
    if status == 401:
        return Unauthenticated("your Google sign-in is over: gcloud auth application-default login")
    if status == 403:
        return Forbidden(f"your Google account may not read {_host(url)}: ask for the role it takes")
    return Unavailable(f"{_host(url)} refused the request with status {status}")


def _host(url: str) -> str:
    return url.split("/")[2]
