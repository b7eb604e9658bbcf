"""Access tokens for Google's own APIs from the metadata server, each kept until five minutes before it expires.

https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
"""

import asyncio
from collections.abc import Mapping

import aiohttp
import msgspec

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Unavailable
from shared.http.session import new_session, read_limited

_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"
_HEADERS = {"Metadata-Flavor": "Google"}
_KEEP_ALIVE = 15.0
_RENEW_BEFORE = 300.0  # seconds before expiry; the server itself gives a new one from then on
_MIN_LIFETIME = 15.0  # seconds that a token is kept even if it expires sooner
_MAX_BYTES = 100_000


class _Answer(msgspec.Struct):
    access_token: str
    expires_in: float


_decode = msgspec.json.Decoder(_Answer).decode


class AccessToken:
    """Authorises the calls of a `shared.http.service_client.ServiceClient`; `host` is the metadata server's."""

    def __init__(self, host: str, clock: Clock = SYSTEM) -> None:
        self._url = f"http://{host}{_PATH}"
        self._clock = clock
        self._renewing = asyncio.Lock()
        self._headers: Mapping[str, str] = {}
        self._until = float("-inf")
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, deadline: Deadline) -> Mapping[str, str]:
        """The headers; raises `Unavailable` or `DeadlineExceeded`."""
        try:
            async with deadline.timeout(), self._renewing:
                if self._clock.monotonic() >= self._until:
                    await self._renew()
                return self._headers
        except TimeoutError as error:
            raise DeadlineExceeded("the metadata server did not answer in time") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _renew(self) -> None:
        try:
            answer = await self._get()
        except aiohttp.ClientError:  # once more: a connection that was kept open may have been closed meanwhile
            try:
                answer = await self._get()
            except aiohttp.ClientError as error:
                raise Unavailable("the metadata server gave no access token") from error
        try:
            token = _decode(answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Unavailable("the metadata server's answer is no access token") from error
        self._headers = {"authorization": f"Bearer {token.access_token}"}
        self._until = self._clock.monotonic() + max(_MIN_LIFETIME, token.expires_in - _RENEW_BEFORE)

    async def _get(self) -> bytes:
        if self._session is None:
            self._session = new_session(keep_alive=_KEEP_ALIVE, headers=_HEADERS)
        async with self._session.get(self._url, raise_for_status=True) as response:
            return await read_limited(response.content, _MAX_BYTES)
