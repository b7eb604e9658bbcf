"""Buckets count what a list would."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.features.windows import starts
from shared.times import MINUTE
from shared.windowing.buckets import MAX_BUCKETS, Buckets, Sums
from tests.shared.features.streams import dice

NEWEST = 30_000_000  # minutes since 1970
DAYS = 1440


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 900), days=st.sampled_from((1, 4, 39)))
def test_buckets_count_every_window_as_a_list_would_in_whatever_order_events_come(
    seed: int, size: int, days: int
) -> None:
    """Merged or not, with reversals: exact from an hour before the newest event on."""
    rng = dice(seed)
    events = [
        (NEWEST - round(rng.random() ** 2 * days * DAYS), rng.choice((None, rng.randrange(10_000))))
        for _ in range(size)
    ]
    signed = [(*event, 1) for event in events] + [(*event, -1) for event in events if rng.random() < 0.1]
    arrivals = sorted(signed, key=lambda event: event[0] + rng.random() * 2 * DAYS)
    buckets = Buckets()
    assert all(buckets.add(*event) for event in arrivals)
    newest = max(minute for minute, _, _ in signed)
    at = newest - 60 + rng.randrange(4 * DAYS)
    for first in (start // MINUTE for start in starts(at * MINUTE)):
        inside = [(amount, sign) for minute, amount, sign in signed if first <= minute < at]
        priced = [(amount, sign) for amount, sign in inside if amount is not None]
        expected = Sums(sum(s for _, s in inside), sum(s for _, s in priced), sum(s * a for a, s in priced))
        assert buckets.between(first, at) == expected
    assert len(buckets.starts) // 4 <= MAX_BUCKETS


def test_what_is_older_than_all_buckets_is_refused() -> None:
    """Once buckets were merged, forty days are kept."""
    buckets = Buckets()
    for minute in range(MAX_BUCKETS + 1):
        assert buckets.add(NEWEST + minute, 1)
    assert not buckets.add(NEWEST - 41 * DAYS, 1)
    assert buckets.add(NEWEST - 39 * DAYS, 1)


def test_a_year_of_one_event_a_minute_stays_within_the_bound() -> None:
    """Merging keeps the series short, and the totals go on."""
    buckets = Buckets()
    for step in range(20_000):
        buckets.add(NEWEST + step * 26, 5)
    assert len(buckets.starts) // 4 <= MAX_BUCKETS
    assert buckets.all == (20_000, 20_000, 100_000)
    assert timedelta(minutes=20_000 * 26) > timedelta(days=360)
