"""How long a rebuild waits for a store that is away: half a minute or so, and then it can be run again."""

import asyncio
import random
from collections.abc import AsyncIterator

TRIES = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 15.0  # seconds


async def tries() -> AsyncIterator[bool]:
    """One turn per try, with growing pauses between them; true with the last one."""
    pause = _FIRST_PAUSE
    for left in reversed(range(TRIES)):
        yield not left
        await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
        pause = min(2 * pause, _LONGEST_PAUSE)
