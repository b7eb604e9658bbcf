"""How fast the bank asks: at most so many questions a second, evenly, or as fast as answers come."""

import asyncio
import time


class RateLimiter:
    """Gives turns `rate` times a second; a rate of 0 gives them at once."""

    def __init__(self, rate: float) -> None:
        self._between = 1 / rate if rate > 0 else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        """Return when it is this caller's turn."""
        if not self._between:
            return
        now = time.monotonic()
        mine = max(now, self._next)
        self._next = mine + self._between
        await asyncio.sleep(mine - now)
