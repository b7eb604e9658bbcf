"""Deadlines; what they do on every clock is in `tests/conformance/test_clock.py`."""

import asyncio

import pytest

from shared.clock import SYSTEM
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock


def test_it_is_on_the_real_clock_unless_another_is_given() -> None:
    clock = ManualClock()
    assert (Deadline.after(1).clock, Deadline(0.5, clock).within(1).clock) == (SYSTEM, clock)
    assert Deadline.after(1, clock) == Deadline(1.0, clock)


def test_a_passed_deadline_leaves_no_time() -> None:
    deadline = Deadline.after(-1, ManualClock())
    assert (deadline.remaining(), deadline.passed()) == (0.0, True)


def test_within_is_the_sooner_of_both() -> None:
    far = Deadline.after(100, ManualClock())
    assert (far.within(1).remaining(), far.within(200).remaining()) == (1, 100)


def test_less_keeps_a_reserve() -> None:
    deadline = Deadline.after(10, ManualClock())
    assert deadline.less(4) == Deadline(6.0, deadline.clock)


async def test_time_that_passes_is_gone() -> None:
    clock = ManualClock()
    deadline = Deadline.after(10, clock)
    await clock.advance(4)
    assert (deadline.remaining(), deadline.passed()) == (6, False)
    await clock.advance(6)
    assert (deadline.remaining(), deadline.passed()) == (0.0, True)


async def test_its_timeout_ends_with_it() -> None:
    clock = ManualClock()

    async def work(deadline: Deadline) -> None:
        async with deadline.timeout():
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work(Deadline.after(10, clock)))
    await clock.advance(9)
    assert not task.done()
    await clock.advance(1)
    with pytest.raises(TimeoutError):
        await task


async def test_nobody_sleeps_beyond_it() -> None:
    clock = ManualClock(skip_sleeps=True)
    deadline = Deadline.after(10, clock)
    for seconds in (4, 100):
        await deadline.sleep(seconds)
    assert clock.monotonic() == 10
