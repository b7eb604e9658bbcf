"""Plays the bank's app: a client whose payment is not approved at once opens it, and it registers their device.

One client in twenty has removed the app by the time a push comes: FCM then answers UNREGISTERED.
"""

from collections.abc import Callable
from contextlib import suppress
from zlib import crc32

import aiohttp

from local.stack.accounts import CALLERS
from local.stand_ins.fcm import GONE

GATEWAY = CALLERS["notification_preferences"]
"""The account of the bank's gateway, which knows who is signed in."""

_GONE = 20  # one client in so many has removed the app
_WITHIN = 5.0  # seconds for one call


class MobileApp:
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
        """Register a client's device, once; where that fails nothing is raised, and the next call tries again."""
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
    """The FCM installation id of a client's device: at least 16 letters, digits or `_-`."""
    gone = crc32(client.encode()) % _GONE == 0
    return f"{GONE if gone else 'phone'}_of_{client}".ljust(16, "_")
