"""Calls of Google's JSON APIs from the command line: with a deadline, retries, and a limit to the answer's size."""

from collections.abc import Mapping
from typing import Any

import msgspec
import requests
import urllib3

from shared.backoff import Retryable, backoff, retry_blocking
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Forbidden, SlackerError, Unauthenticated, Unavailable
from shared.json_value import NO_JSON

MAX_ANSWER = 50_000_000
"""Bytes of one answer; a page of a thousand log entries has about one million."""

_LONGEST_WAIT = 10.0  # seconds for a connection, and between two pieces of an answer
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0  # seconds, doubled after each failure
_RETRYABLE_STATUSES = {408, 429, 500, 502, 503, 504}


def call(url: str, token: str, deadline: Deadline, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON object at `url`: a GET, or a POST of `body` (a query: it must be safe to do again).

    Raises `Unauthenticated`, `Forbidden`, `DeadlineExceeded`, and `Unavailable` for any other answer.
    """
    if deadline.passed():
        raise DeadlineExceeded(f"{_host(url)} did not answer in time")
    waits = backoff(_FIRST_PAUSE, growth=2, longest=_LONGEST_PAUSE)
    return retry_blocking(lambda: _once(url, token, deadline, body), waits, deadline)


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
        raise _retryable(url, type(error).__name__) from error
    if response.status_code != 200:
        raise _refusal(url, response)
    try:
        document = msgspec.json.decode(content)
    except NO_JSON as error:
        raise _retryable(url, "no JSON") from error
    if not isinstance(document, dict):
        raise _retryable(url, "no JSON object")
    return document


def _content(response: requests.Response, deadline: Deadline) -> bytes:
    content = bytearray()
    while piece := response.raw.read1(65_536, decode_content=True):  # what has come, not what was promised
        content += piece
        if len(content) > MAX_ANSWER:
            raise Unavailable(f"{_host(response.url)} answered more than {MAX_ANSWER} bytes")
        if deadline.passed():
            raise DeadlineExceeded(f"{_host(response.url)} did not answer in time")
    return bytes(content)


def _refusal(url: str, response: requests.Response) -> SlackerError | Retryable:
    status = response.status_code
    if status in _RETRYABLE_STATUSES:
        after = response.headers.get("retry-after", "")
        return _retryable(url, f"status {status}", float(after) if after.isdecimal() else 0.0)
    if status == 401:
        return Unauthenticated("your Google sign-in is over: gcloud auth application-default login")
    if status == 403:
        return Forbidden(f"your Google account may not read {_host(url)}: ask for the role it takes")
    return Unavailable(f"{_host(url)} refused the request with status {status}")


def _retryable(url: str, reason: str, after: float = 0.0) -> Retryable:
    return Retryable(Unavailable(f"{_host(url)} does not answer as it should: {reason}"), after)


def _host(url: str) -> str:
    return url.split("/")[2]
