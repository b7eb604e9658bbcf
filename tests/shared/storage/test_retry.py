"""A compare-and-set is taken again while others' commits come in between, and gives up after so many tries."""

import pytest

from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import Unavailable, WriteConflict
from shared.storage.retry import compare_and_set


class Step:
    """Conflicts a few times, then gives how often it was taken."""

    def __init__(self, conflicts: int) -> None:
        self.conflicts = conflicts
        self.taken = 0

    async def __call__(self) -> int:
        """One try."""
        self.taken += 1
        if self.taken <= self.conflicts:
            raise WriteConflict("changed")
        return self.taken


def deadline(seconds: float = 60) -> Deadline:
    """On a clock whose sleeps take no time."""
    return Deadline.after(seconds, ManualClock(skip_sleeps=True))


@pytest.mark.parametrize("conflicts", [0, 1, 5])
async def test_the_step_is_taken_until_nothing_comes_in_between(conflicts: int) -> None:
    assert await compare_and_set(Step(conflicts), deadline()) == conflicts + 1


async def test_after_so_many_tries_the_conflict_is_raised() -> None:
    step = Step(100)
    with pytest.raises(WriteConflict, match="under 6 tries"):
        await compare_and_set(step, deadline())
    assert step.taken == 6


async def test_the_number_of_tries_is_the_callers() -> None:
    assert await compare_and_set(Step(19), deadline(), tries=20) == 20


async def test_what_else_goes_wrong_is_raised_at_once() -> None:
    async def step() -> None:
        raise Unavailable("down")

    with pytest.raises(Unavailable, match="down"):
        await compare_and_set(step, deadline())


async def test_the_pauses_grow_and_never_pass_the_deadline() -> None:
    clock = ManualClock(skip_sleeps=True)
    until = Deadline.after(0.02, clock)
    with pytest.raises(WriteConflict):
        await compare_and_set(Step(100), until)
    assert clock.monotonic() <= until.at


async def test_nobody_waits_after_the_last_try() -> None:
    clock, tried_at = ManualClock(skip_sleeps=True), list[float]()

    async def step() -> None:
        tried_at.append(clock.monotonic())
        raise WriteConflict("changed")

    with pytest.raises(WriteConflict):
        await compare_and_set(step, Deadline.after(60, clock), tries=3)
    assert tried_at[-1] == clock.monotonic()
