"""The token key as an instance holds it: read inside a request, and tried again a second later if it could not be."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.privacy import Tokens

_PATIENCE = 0.1  # seconds a request waits for the key: it goes on without
_PAUSE = 1.0  # seconds between two tries


class TokenKey:
    """Makes `Tokens` by `read`, once."""

    def __init__(self, read: Callable[[Deadline], Awaitable[Tokens]], clock: Clock = SYSTEM) -> None:
        self._read = read
        self._clock = clock
        self._reading = asyncio.Lock()
        self._held: Tokens | None = None
        self._again_at = float("-inf")

    async def tokens(self) -> Tokens | None:
        """The maker of tokens, or `None` while it is too soon to try again; raises what the secrets port does."""
        async with self._reading:
            if self._held is None and (now := self._clock.monotonic()) >= self._again_at:
                self._again_at = now + _PAUSE
                self._held = await self._read(Deadline.after(_PATIENCE, self._clock))
            return self._held
