"""Pauses between tries."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from shared.pauses import apart, pauses

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@given(st.floats(0.001, 1), st.floats(1, 4), st.floats(1, 20))
def test_each_pause_is_between_half_and_all_of_one_that_grows_up_to_the_longest(
    first: float, growth: float, longest: float
) -> None:
    whole = first
    for pause in islice(pauses(first, growth, longest), 20):
        assert whole / 2 <= pause <= whole
        whole = min(growth * whole, longest)


@given(st.binary(max_size=8), st.floats(0, 1e6), st.floats(0, 1e6), st.floats(-1e6, 1e6))
def test_nobody_comes_back_sooner_than_told_nor_much_later_nor_too_late(
    who: bytes, waited: float, pause: float, left: float
) -> None:
    until = NOW + timedelta(seconds=pause)
    since, not_after = NOW - timedelta(seconds=waited), until + timedelta(seconds=left)
    again = apart(who, since, until, not_after)
    assert until <= again <= until + min(max(until - since, SECOND), 5 * MINUTE)
    assert again <= max(until, not_after)


def test_a_crowd_that_is_sent_away_again_and_again_comes_back_spread_out() -> None:
    """Each time all of it is told to come back in a second."""
    waiting = {number.to_bytes(4): NOW for number in range(3000)}
    most_at_once = []
    for _ in range(12):
        crowd = Counter(at.timestamp() // 1 for at in waiting.values())
        most_at_once.append(max(crowd.values()))
        waiting = {who: apart(who, NOW, at + SECOND, NOW + 60 * MINUTE) for who, at in waiting.items()}
    assert most_at_once[0] == 3000
    assert most_at_once[-1] < 50
