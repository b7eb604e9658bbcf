"""Retries of a rebuild while the store is unavailable: for about half a minute; then it can be run again."""

import asyncio
from collections.abc import AsyncIterator

from shared.backoff import backoff

TRIES = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 15.0  # seconds


async def tries() -> AsyncIterator[bool]:
    """One turn per try, with growing pauses between them; true with the last one."""
    waits = backoff(_FIRST_PAUSE, growth=2, longest=_LONGEST_PAUSE)
    for left in reversed(range(TRIES)):
        yield not left
        await asyncio.sleep(next(waits))
