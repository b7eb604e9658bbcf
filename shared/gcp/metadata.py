"""ID tokens of this function from the metadata server, each cached until five minutes before it expires.

A token is renewed inside the request that needs it, since a function has no time of its own. Requests that need the
same one wait for a single renewal; while the server fails, a token that is still good goes on being used.
"""

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Unavailable
from shared.gcp.unverified_token import claims

if TYPE_CHECKING:
    import aiohttp

_PATH = "/computeMetadata/v1/instance/service-accounts/default/identity"
_HEADERS = {"Metadata-Flavor": "Google"}
_KEEP_ALIVE = 15.0
_RENEW_BEFORE = 300.0  # seconds before expiry
_RENEW_AGAIN = 15.0  # seconds until a failed renewal is tried again, or a new token that itself expires soon is renewed
_MIN_VALIDITY = 10.0  # seconds that a token must still be valid to be sent
_RENEWAL_TIMEOUT = 0.05  # seconds that a request with a valid token waits for a renewal


class _Claims(msgspec.Struct):
    exp: float


_decoder = msgspec.json.Decoder(_Claims)


class _Token(msgspec.Struct, frozen=True):
    """A token; times in epoch seconds."""

    text: str
    expires: float
    renew_at: float


class MetadataIdentity:
    """Implements `shared.http.callers.ServiceIdentity`; `host` is the metadata server's, with a port if not 80."""

    def __init__(self, host: str, clock: Clock = SYSTEM) -> None:
        self._url = f"http://{host}{_PATH}"
        self._clock = clock
        self._tokens: dict[str, _Token] = {}
        self._renewing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._session: aiohttp.ClientSession | None = None

    async def token(self, audience: str, deadline: Deadline) -> str:
        """See the port."""
        cached, now = self._tokens.get(audience), self._epoch()
        if cached is None or cached.expires < now + _MIN_VALIDITY:
            return await self._renewed(audience, cached, deadline)
        if now < cached.renew_at:
            return cached.text
        try:
            return await self._renewed(audience, cached, deadline.within(_RENEWAL_TIMEOUT))
        except (DeadlineExceeded, Unavailable):
            self._tokens[audience] = replace(cached, renew_at=now + _RENEW_AGAIN)
            return cached.text

    async def close(self) -> None:
        """See the port."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _renewed(self, audience: str, previous: _Token | None, deadline: Deadline) -> str:
        """A token other than `previous`: a new one, or the one that a concurrent request has fetched."""
        try:
            async with deadline.timeout(), self._renewing[audience]:
                present = self._tokens.get(audience)
                if present is None or present is previous:
                    present = self._tokens[audience] = await self._fetched(audience)
                return present.text
        except TimeoutError as error:
            raise DeadlineExceeded("the metadata server did not answer in time") from error

    async def _fetched(self, audience: str) -> _Token:
        from aiohttp import ClientError  # noqa: PLC0415 - a cold start of a function that calls no other need not pay

        try:
            text = await self._get(audience)
        except ClientError:  # once more: a connection that was kept open may have been closed meanwhile
            try:
                text = await self._get(audience)
            except ClientError as error:
                raise Unavailable("the metadata server gave no token") from error
        try:
            expires = claims(text, _decoder).exp
        except ValueError as error:
            raise Unavailable("the metadata server's answer is no token") from error
        return _Token(text, expires, renew_at=max(expires - _RENEW_BEFORE, self._epoch() + _RENEW_AGAIN))

    def _epoch(self) -> float:
        return self._clock.now().timestamp()

    async def _get(self, audience: str) -> str:
        if self._session is None:
            from shared.http.session import new_session  # noqa: PLC0415 - as above

            self._session = new_session(keep_alive=_KEEP_ALIVE, headers=_HEADERS)
        params = {"audience": audience, "format": "full"}
        async with self._session.get(self._url, params=params, raise_for_status=True) as response:
            return (await response.text(errors="replace")).strip()
