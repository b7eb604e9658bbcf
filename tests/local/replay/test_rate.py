"""How fast the bank asks: evenly, and never faster than the rate."""

import asyncio
import time

import pytest

from local.replay.rate import RateLimiter


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were taken, while the clock stands still at 100 s."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    return pauses


async def test_turns_are_given_evenly(slept: list[float]) -> None:
    limiter = RateLimiter(4)
    for _ in range(4):
        await limiter.turn()
    assert slept == [0.0, 0.25, 0.5, 0.75]


async def test_time_that_passed_unused_is_not_made_up_for(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = RateLimiter(4)
    await limiter.turn()
    monkeypatch.setattr(time, "monotonic", lambda: 200.0)
    for _ in range(2):
        await limiter.turn()
    assert slept == [0.0, 0.0, 0.25]


async def test_without_a_rate_it_is_everybodys_turn_at_once(slept: list[float]) -> None:
    await RateLimiter(0).turn()
    assert slept == []
