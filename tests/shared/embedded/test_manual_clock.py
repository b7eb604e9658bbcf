"""The clock that tests move; what it shares with the real one is in `tests/conformance/test_clock.py`."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deadline import Deadline
from shared.embedded.manual_clock import START, ManualClock


async def test_it_stands_still_until_it_is_moved() -> None:
    clock = ManualClock()
    sleeper = asyncio.ensure_future(clock.sleep(10))
    await clock.advance(9)
    assert (sleeper.done(), clock.monotonic(), clock.now()) == (False, 9, START + timedelta(seconds=9))
    await clock.advance(1)
    assert sleeper.done()


@given(delays=st.lists(st.floats(0.001, 100), max_size=20), moves=st.lists(st.floats(0, 50), max_size=10))
async def test_every_timer_is_called_at_its_own_instant_in_order_whatever_the_moves(
    delays: list[float], moves: list[float]
) -> None:
    clock, called = ManualClock(), list[tuple[float, float]]()
    for delay in delays:
        clock.call_later(delay, lambda delay=delay: called.append((clock.monotonic(), delay)))  # type: ignore[misc]
    for move in moves:
        await clock.advance(move)
    expected = sorted(delay for delay in delays if delay <= clock.monotonic())
    assert called == [(delay, delay) for delay in expected]
    assert clock.timers == len(delays) - len(expected)


async def test_a_task_gets_on_before_the_next_timer_is_called() -> None:
    clock, seen = ManualClock(), list[tuple[str, float]]()

    async def two_pauses() -> None:
        for name in ("first", "second"):
            await clock.sleep(1)
            seen.append((name, clock.monotonic()))

    task = asyncio.ensure_future(two_pauses())
    await clock.advance(5)
    await task
    assert seen == [("first", 1), ("second", 2)]


async def test_where_sleeps_are_skipped_retries_take_no_time_and_deadlines_hold() -> None:
    clock, tries = ManualClock(skip_sleeps=True), 0
    deadline = Deadline.after(10, clock)
    while not deadline.passed():
        tries += 1
        await deadline.sleep(3)
    assert (tries, clock.monotonic()) == (4, 10)


async def test_where_sleeps_are_skipped_those_who_sleep_at_once_are_up_in_order() -> None:
    clock, seen = ManualClock(skip_sleeps=True), list[tuple[int, float]]()

    async def sleeper(seconds: int) -> None:
        await clock.sleep(seconds)
        seen.append((seconds, clock.monotonic()))

    await asyncio.gather(*map(sleeper, (3, 1, 2)))
    assert seen == [(1, 1), (2, 2), (3, 3)]


async def test_where_sleeps_are_skipped_a_sleep_meets_the_timeout_before_its_end() -> None:
    clock = ManualClock(skip_sleeps=True)
    with pytest.raises(TimeoutError):
        async with clock.timeout(1):
            await clock.sleep(2)
    assert clock.monotonic() == 1


async def test_a_timeout_alone_moves_no_clock() -> None:
    clock, event = ManualClock(skip_sleeps=True), asyncio.Event()

    async def work() -> str:
        async with clock.timeout(1):
            await event.wait()
        return "whole"

    task = asyncio.ensure_future(work())
    await clock.settle()
    event.set()
    assert (await task, clock.monotonic(), clock.timers) == ("whole", 0, 0)


async def test_setting_the_time_of_day_makes_nothing_due() -> None:
    clock = ManualClock()
    sleeper = asyncio.ensure_future(clock.sleep(1))
    await clock.settle()
    clock.set_now(START + timedelta(days=1))
    await clock.settle()
    assert (clock.now(), clock.monotonic(), sleeper.done()) == (START + timedelta(days=1), 0, False)
    await clock.advance(1)
    assert (clock.now(), sleeper.done()) == (START + timedelta(days=1, seconds=1), True)


async def test_who_is_cancelled_while_asleep_leaves_no_timer() -> None:
    clock = ManualClock()
    sleeper = asyncio.ensure_future(clock.sleep(1))
    await clock.settle()
    sleeper.cancel()
    await clock.settle()
    assert (sleeper.cancelled(), clock.timers) == (True, 0)
