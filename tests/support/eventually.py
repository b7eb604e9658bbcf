"""Waiting for a condition, for tests with real servers, files and processes: as long as it takes, within reason."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds after which what a test waits for will not come; no test depends on how soon it does."""

_PAUSE = 0.01


@overload
async def eventually(condition: Callable[[], Awaitable[T]], within: float = PATIENCE) -> T: ...


@overload
async def eventually(condition: Callable[[], T], within: float = PATIENCE) -> T: ...


async def eventually(condition: Callable[[], Any], within: float = PATIENCE) -> Any:
    """The first true value that `condition` gives. Raises `AssertionError` where there is none `within` seconds."""
    until = time.monotonic() + within
    while True:
        result = condition()
        if isinstance(result, Awaitable):
            result = await result
        if result:
            return result
        assert time.monotonic() < until, f"what was waited for did not come in {within} s"
        await asyncio.sleep(_PAUSE)
