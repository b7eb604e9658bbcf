"""Plays the bank's app: whoever is held up opens it, and it tells where the client can be reached.

Of some clients the app is gone by the time a push comes, as FCM then says.
"""

from collections.abc import Callable
from contextlib import suppress
from zlib import crc32

import aiohttp

from local.accounts import CALLERS
from local.stand_in.fcm import GONE

GATEWAY = CALLERS["notification_preferences"]
"""The account of the bank's gateway, which knows who is signed in."""

_GONE = 20  # of one client in so many the app is gone
_WITHIN = 5.0  # seconds for one call


class App:
    """Registers at the API at `url` as the gateway, for which `token` signs; `registered` are the clients so far."""

    def __init__(self, url: str, token: Callable[[str], str]) -> None:
        self._url = url
        self._headers = {"authorization": f"Bearer {token(GATEWAY)}"}
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN))
        self.registered: set[str] = set()

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def opened(self, client: str) -> None:
        """A client has opened it; if its device cannot be registered now, it can the next time."""
        if client in self.registered:
            return
        url = f"{self._url}/v1/devices/phone"
        device = {"fid": address(client), "platform": "android"}
        headers = {**self._headers, "x-client-id": client}
        with suppress(aiohttp.ClientError, TimeoutError):
            async with self._session.put(url, json=device, headers=headers, raise_for_status=True) as answer:
                await answer.read()
                self.registered.add(client)


def address(client: str) -> str:
    """Where FCM finds the client's device: an installation id, of 16 letters, digits or `_-` at least."""
    gone = crc32(client.encode()) % _GONE == 0
    return f"{GONE if gone else 'phone'}_of_{client}".ljust(16, "_")
