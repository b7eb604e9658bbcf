"""A client of one service of the bank or of a vendor; its errors say whether a failed call can have happened.

A call whose request was never sent has not happened, and one that was answered with a refusal neither. Any other failed
call that changes something may have happened: it is not repeated here, the caller has to find out first.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from yarl import URL

from shared.backoff import backoff
from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import (
    Deferred,
    Malformed,
    Misconfigured,
    Transient,
    Unavailable,
    Uncertain,
)
from shared.http.circuit_breaker import Breaker
from shared.http.json_body import json_object
from shared.http.rate_limit import retry_after
from shared.http.session import new_session, read_limited

Authorise = Callable[[Deadline], Awaitable[Mapping[str, str]]]
"""Gives the headers that authorise a call; see `shared.http.credentials`."""

_KEEP_ALIVE = 1.5  # seconds: shorter than any server's, so that a call seldom meets a connection that is being closed
_CONNECT_TIMEOUT = 3.0  # seconds
_MIN_TIME = 0.2  # seconds below which no call is begun: it would be cut off, and leave open whether it happened
_MAX_BYTES = 1_000_000
_TRIES = 3
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
_DEFAULT_WAIT = 10.0  # seconds, after a 429 that does not say how long
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Answer(msgspec.Struct, frozen=True):
    """An answer with a status of 2xx or 4xx; `body` is `{}` where there is no JSON."""

    status: int
    body: Mapping[str, Any]


class _Call(msgspec.Struct):
    """A call that is being made; `sent` says whether its request was sent, in any of its tries."""

    method: str
    url: URL
    body: bytes | None
    headers: Mapping[str, str]
    idempotent: bool
    sent: bool = False


class ServiceClient:
    """The service `name`, as errors call it, at `base_url`; belongs to the loop of its first call.

    Raises `Misconfigured` for an address without TLS that is not on this machine.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        authorise: Authorise,
        *,
        breaker: Breaker | None = None,
        clock: Clock = SYSTEM,
    ) -> None:
        address = urlsplit(base_url)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOOPBACK):
            raise Misconfigured(f"the address of {name} must begin with https://")
        self._name = name
        self._base = base_url.rstrip("/")
        self._authorise = authorise
        self._breaker = breaker or Breaker(cooldown=5.0, longest=60.0)
        self._clock = clock
        self._blocked_until = float("-inf")
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        *,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
    ) -> Answer:
        """The answer to one call. `path` is percent-encoded. A `safe` call changes nothing, as every GET, and may be
        repeated; any other is repeated only while it cannot have happened.

        Raises `Deferred` while the service is not to be called (429, 503 with Retry-After, a rate limit used up) or its
        breaker is open; `Misconfigured` for 401, 403 and a redirection; `Unavailable` when nothing has happened;
        `Uncertain` when it may have, which a safe call never raises; and what `authorise` does.
        """
        body = None if json is None else msgspec.json.encode(json)
        call = _Call(method, URL(self._base + path, encoded=True), body, headers or {}, safe or method == "GET")
        pauses = backoff(_FIRST_PAUSE, growth=2, longest=_LONGEST_PAUSE)
        tried = 0
        while True:
            tried += 1
            try:
                return await self._through_breaker(call, deadline)
            except Unavailable:
                pause = next(pauses)
                if tried == _TRIES or deadline.remaining() < pause + _MIN_TIME:
                    raise
            await deadline.sleep(pause)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _through_breaker(self, call: _Call, deadline: Deadline) -> Answer:
        """One try, if neither a rate limit nor the circuit breaker forbids it."""
        begun = self._clock.monotonic()
        if begun < self._blocked_until:
            raise Deferred(f"{self._name} wants to be left alone", self._blocked_until - begun)
        if deadline.remaining() < _MIN_TIME:
            raise Unavailable(f"no time was left to call {self._name}")
        if not self._breaker.allows(begun):
            raise Deferred(f"{self._name} has failed too often to be asked now", self._breaker.open_for(begun))
        try:
            answer = await self._within_deadline(call, deadline)
        except (Unavailable, Uncertain):
            self._breaker.failed(begun, self._clock.monotonic())
            raise
        except BaseException:
            self._breaker.abandoned(begun)
            raise
        self._breaker.succeeded()
        return answer

    async def _within_deadline(self, call: _Call, deadline: Deadline) -> Answer:
        try:
            async with deadline.timeout():
                credentials = await self._authorise(deadline)
                return await self._once(call, credentials)
        except TimeoutError as error:
            raise self._unanswered(call, "did not answer in time") from error
        except aiohttp.ClientError as error:
            raise self._unanswered(call, f"did not answer: {type(error).__name__}") from error

    async def _once(self, call: _Call, credentials: Mapping[str, str]) -> Answer:
        if self._session is None:
            self._session = new_session(
                keep_alive=_KEEP_ALIVE, connect_timeout=_CONNECT_TIMEOUT, trace_configs=[_departures()]
            )
        headers = {**call.headers, **credentials, "content-type": "application/json", "accept": "application/json"}
        async with self._session.request(
            call.method, call.url, data=call.body, headers=headers, allow_redirects=False, trace_request_ctx=call
        ) as response:
            self._apply_rate_limit(response)
            content = await read_limited(response.content, _MAX_BYTES)
        if response.status >= 500 or response.status == 408:
            raise self._unanswered(call, f"answered with status {response.status}")
        if response.status in {401, 403} or 300 <= response.status < 400:
            raise Misconfigured(f"{self._name} answered with status {response.status}: see its address and credential")
        return Answer(response.status, self._read(call, response.status, content))

    def _apply_rate_limit(self, response: aiohttp.ClientResponse) -> None:
        """Make no call for as long as the service asks; raise `Deferred` where it does so instead of answering."""
        wait = retry_after(response.headers, self._clock.now())
        refused = response.status == 429 or (response.status == 503 and wait is not None)
        if refused and wait is None:
            wait = _DEFAULT_WAIT
        if wait is not None:
            self._blocked_until = max(self._blocked_until, self._clock.monotonic() + wait)
            if refused:
                raise Deferred(f"{self._name} answered with status {response.status}", wait)

    def _read(self, call: _Call, status: int, content: bytes) -> Mapping[str, Any]:
        """The JSON of an answer; a success that cannot be read counts as no answer."""
        if not content:
            return {}
        if len(content) <= _MAX_BYTES:
            with suppress(Malformed):
                return json_object(content)
        if status >= 400:
            return {}
        raise self._unanswered(call, "answered what cannot be read")

    def _unanswered(self, call: _Call, what: str) -> Transient:
        """The error for a call without an answer: it may have happened if its request was sent and is not safe."""
        message = f"{self._name} {what}"
        return Uncertain(message) if call.sent and not call.idempotent else Unavailable(message)


def _departures() -> aiohttp.TraceConfig:
    """Marks a call as sent just before its request is."""

    async def mark(
        _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        call: _Call = context.trace_request_ctx
        call.sent = True

    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(mark)
    return config
