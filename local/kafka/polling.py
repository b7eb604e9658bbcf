"""Polling another process until it has what is awaited, within a time limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import Unavailable

T = TypeVar("T")

_LOOK_EVERY = 0.2  # seconds


async def wait_until(look: Callable[[], Awaitable[T]], what: str, within: float) -> T:
    """The first result of `look` that is true, of one call every 0.2 s. Raises `Unavailable`, naming `what` did not
    happen, after `within` seconds.
    """
    try:
        async with asyncio.timeout(within):
            while not (result := await look()):  # noqa: ASYNC110 - of another process
                await asyncio.sleep(_LOOK_EVERY)
    except TimeoutError as error:
        raise Unavailable(f"{what} did not happen within {within:g} s") from error
    return result
