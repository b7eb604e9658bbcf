"""The clock port: what every clock does. The real one is asked for orders and bounds from below, never how soon."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, TypeVar

import pytest

from shared.clock import Clock, SystemClock
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock

T = TypeVar("T")

SHORT, LONG = 0.01, 3600.0
ROUNDING = 1e-6


@dataclass
class Timed:
    """A clock under test."""

    clock: Clock

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives, whose pauses are `SHORT`."""
        task = asyncio.ensure_future(work)
        while isinstance(self.clock, ManualClock) and not task.done():
            await self.clock.advance(SHORT)
        return await task


@pytest.fixture(params=[SystemClock, ManualClock])
def timed(request: pytest.FixtureRequest) -> Timed:
    return Timed(request.param())


def test_the_time_of_day_is_aware_and_in_utc(timed: Timed) -> None:
    assert timed.clock.now().tzinfo == UTC


async def test_both_times_go_on_by_as_much_as_somebody_sleeps(timed: Timed) -> None:
    before, day = timed.clock.monotonic(), timed.clock.now()
    await timed.run(timed.clock.sleep(SHORT))
    assert timed.clock.monotonic() - before >= SHORT - ROUNDING
    assert timed.clock.now() - day >= timedelta(seconds=SHORT / 2)  # of the real one it may be set while we sleep


def test_without_a_loop_a_thread_is_stopped_for_as_long(timed: Timed) -> None:
    before = timed.clock.monotonic()
    timed.clock.block(SHORT)
    assert timed.clock.monotonic() - before >= SHORT - ROUNDING


@pytest.mark.parametrize("seconds", [0.0, -1.0])
async def test_a_sleep_of_no_time_gives_the_others_a_turn(timed: Timed, seconds: float) -> None:
    turns: list[str] = []
    asyncio.get_running_loop().call_soon(turns.append, "other")
    await timed.clock.sleep(seconds)
    assert turns == ["other"]


async def test_who_sleeps_less_is_up_first(timed: Timed) -> None:
    order: list[int] = []

    async def sleeper(times: int) -> None:
        await timed.clock.sleep(times * SHORT)
        order.append(times)

    async def all_of_them() -> None:
        await asyncio.gather(*map(sleeper, (3, 1, 2)))

    await timed.run(all_of_them())
    assert order == [1, 2, 3]


async def test_what_takes_longer_than_its_timeout_is_ended(timed: Timed) -> None:
    ended: list[str] = []

    async def work() -> None:
        async with timed.clock.timeout(SHORT):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("inside")
                raise

    with pytest.raises(TimeoutError):
        await timed.run(work())
    assert ended == ["inside"]


async def test_what_ends_in_time_is_left_alone(timed: Timed) -> None:
    async def work() -> str:
        async with timed.clock.timeout(SHORT):
            await asyncio.sleep(0)
        await timed.clock.sleep(2 * SHORT)
        return "whole"

    assert await timed.run(work()) == "whole"


@pytest.mark.parametrize("seconds", [0.0, -1.0])
async def test_a_timeout_of_no_time_ends_what_waits(timed: Timed, seconds: float) -> None:
    with pytest.raises(TimeoutError):
        async with timed.clock.timeout(seconds):
            await asyncio.Event().wait()


async def test_who_is_cancelled_inside_a_timeout_is_cancelled(timed: Timed) -> None:
    async def work() -> None:
        async with timed.clock.timeout(LONG):
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_shorter_of_two_timeouts_counts(timed: Timed) -> None:
    async def work() -> str:
        async with timed.clock.timeout(LONG):
            try:
                async with timed.clock.timeout(SHORT):
                    await asyncio.Event().wait()
            except TimeoutError:
                return "inner"
        return "outer"

    assert await timed.run(work()) == "inner"


async def test_a_callback_comes_unless_it_is_cancelled(timed: Timed) -> None:
    called: list[str] = []

    async def work() -> None:
        timed.clock.call_later(SHORT, lambda: called.append("kept"))
        timed.clock.call_later(SHORT, lambda: called.append("cancelled")).cancel()
        timed.clock.call_later(0.0, lambda: called.append("at once"))
        await timed.clock.sleep(2 * SHORT)

    await timed.run(work())
    assert called == ["at once", "kept"]


async def test_a_deadline_stands_on_it(timed: Timed) -> None:
    async def work() -> tuple[bool, bool, float]:
        deadline = Deadline.after(SHORT, timed.clock)
        before = deadline.passed()
        with pytest.raises(TimeoutError):
            async with deadline.timeout():
                await asyncio.Event().wait()
        await timed.clock.sleep(ROUNDING)
        return before, deadline.passed(), deadline.remaining()

    assert await timed.run(work()) == (False, True, 0.0)


async def test_a_deadline_is_slept_through_and_not_beyond(timed: Timed) -> None:
    async def work() -> bool:
        deadline = Deadline.after(SHORT, timed.clock)
        await deadline.sleep(LONG)
        await timed.clock.sleep(ROUNDING)
        return deadline.passed()

    assert await timed.run(work())
