"""Pauses between tries."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backoff import Retryable, backoff, retry_blocking, spread
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import Unavailable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@given(st.floats(0.001, 1), st.floats(1, 4), st.floats(1, 20))
def test_each_pause_is_between_half_and_all_of_one_that_grows_up_to_the_longest(
    first: float, growth: float, longest: float
) -> None:
    whole = first
    for pause in islice(backoff(first, growth, longest), 20):
        assert whole / 2 <= pause <= whole
        whole = min(growth * whole, longest)


@given(st.binary(max_size=8), st.floats(0, 1e6), st.floats(0, 1e6), st.floats(-1e6, 1e6))
def test_nobody_comes_back_sooner_than_told_nor_much_later_nor_too_late(
    who: bytes, waited: float, pause: float, left: float
) -> None:
    until = NOW + timedelta(seconds=pause)
    since, not_after = NOW - timedelta(seconds=waited), until + timedelta(seconds=left)
    again = spread(who, since, until, not_after)
    assert until <= again <= until + min(max(until - since, SECOND), 5 * MINUTE)
    assert again <= max(until, not_after)


def test_a_crowd_that_is_sent_away_again_and_again_comes_back_spread_out() -> None:
    """Each time all of it is told to come back in a second."""
    waiting = {number.to_bytes(4): NOW for number in range(3000)}
    most_at_once = []
    for _ in range(12):
        crowd = Counter(at.timestamp() // 1 for at in waiting.values())
        most_at_once.append(max(crowd.values()))
        waiting = {who: spread(who, NOW, at + SECOND, NOW + 60 * MINUTE) for who, at in waiting.items()}
    assert most_at_once[0] == 3000
    assert most_at_once[-1] < 50


def failing(times: int, after: float = 0.0) -> Callable[[], str]:
    """What fails so many times, each in other words, and then works."""
    failures = [Retryable(Unavailable(f"failure {number}"), after) for number in range(times)]

    def attempt() -> str:
        if failures:
            raise failures.pop(0)
        return "done"

    return attempt


def test_what_may_be_over_soon_is_tried_again_after_each_wait() -> None:
    clock = ManualClock()
    start = clock.monotonic()
    assert retry_blocking(failing(2), [1.0, 2.0], Deadline.after(10, clock)) == "done"
    assert clock.monotonic() - start == 3.0


def test_after_the_last_wait_the_error_of_the_last_try_is_raised() -> None:
    with pytest.raises(Unavailable, match="failure 2"):
        retry_blocking(failing(3), [1.0, 2.0], Deadline.after(10, ManualClock()))


def test_no_further_try_is_made_that_would_begin_after_the_deadline() -> None:
    with pytest.raises(Unavailable, match="failure 1"):
        retry_blocking(failing(2), [1.0, 2.0], Deadline.after(3, ManualClock()))


def test_a_server_that_asks_for_a_longer_wait_gets_it() -> None:
    clock = ManualClock()
    start = clock.monotonic()
    assert retry_blocking(failing(1, after=5.0), [1.0], Deadline.after(10, clock)) == "done"
    assert clock.monotonic() - start == 5.0


def test_any_other_error_is_raised_at_once() -> None:
    def attempt() -> None:
        raise Unavailable("no")

    with pytest.raises(Unavailable, match="no"):
        retry_blocking(attempt, [1.0], Deadline.after(10, ManualClock()))
