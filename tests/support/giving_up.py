"""Calls that are given up at their deadline: it passes on a manual clock, once the other side has been reached."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from tests.support.eventually import eventually

T = TypeVar("T")

SECONDS = 2.0


async def given_up(
    call: Callable[[Deadline], Coroutine[Any, Any, T]],
    when: Callable[[], object] = lambda: True,
    seconds: float = SECONDS,
) -> T:
    """What `call` comes to, whose deadline passes as soon as `when` is true, and not before."""
    clock = ManualClock()
    calling = asyncio.ensure_future(call(Deadline.after(seconds, clock)))
    await eventually(lambda: calling.done() or when())
    await clock.settle()
    assert not calling.done(), "it ended before its deadline"
    await clock.advance(seconds)
    return await calling


def unhurried() -> Deadline:
    """A deadline that never passes but by pauses between tries, which take no time."""
    return Deadline.after(60, ManualClock(skip_sleeps=True))
