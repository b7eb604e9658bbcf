"""Waiting for a condition, for tests with real servers, files and processes: as long as it takes, within reason."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds after which what a test waits for will not come; no test depends on how soon it does."""

_PAUSE = 0.01


async def eventually(condition: Callable[[], T | Awaitable[T]], within: float = PATIENCE) -> T:
    """The first true value that `condition` gives. Raises `AssertionError` where there is none `within` seconds."""
    until = time.monotonic() + within
    while True:
        value = condition()
        found = await value if isinstance(value, Awaitable) else value
        if found:
            return found
        assert time.monotonic() < until, f"what was waited for did not come in {within} s"
        await asyncio.sleep(_PAUSE)
