"""Waiting for another process that tells nobody: look until it is so, within a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import Unavailable

T = TypeVar("T")

_LOOK_EVERY = 0.2  # seconds


async def until(look: Callable[[], Awaitable[T]], what: str, within: float) -> T:
    """What `look` gives once it gives anything. Raises `Unavailable`, saying what did not happen, after `within` s."""
    try:
        async with asyncio.timeout(within):
            while not (result := await look()):  # noqa: ASYNC110 - of another process
                await asyncio.sleep(_LOOK_EVERY)
    except TimeoutError as error:
        raise Unavailable(f"{what} did not happen within {within:g} s") from error
    return result
