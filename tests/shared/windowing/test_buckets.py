"""Buckets add up what a list would, whatever their widths, reach and columns."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.risk.features.buckets import EventBuckets, Totals
from shared.risk.features.windows import window_starts
from shared.times import MINUTE
from shared.windowing.buckets import Buckets, Tiers
from tests.support.event_streams import dice

NEWEST = 30_000_000  # minutes since 1970
DAYS = 1440


class Points(Buckets, msgspec.Struct, array_like=True):
    """Two columns; buckets of 5 for 50 back, and of 15 for 300."""

    columns = "earned", "spent"
    tiers = Tiers((5, 50), (15, 300))
    max_buckets = 40

    starts: bytes = b""
    earned: bytes = b""
    spent: bytes = b""
    totals: tuple[int, int] = (0, 0)
    merged: int = 0


@given(
    events=st.lists(
        st.tuples(st.integers(10_000, 10_300), st.integers(-50, 50), st.integers(0, 10**12)), min_size=1, max_size=150
    ),
    end=st.integers(666, 690),
    length=st.integers(1, 20),
)
def test_other_widths_and_columns_add_up_as_a_list_does(
    events: list[tuple[int, int, int]], end: int, length: int
) -> None:
    """Over windows of the wider buckets, merged or not; in the order in which the events come."""
    points = Points()
    assert all(points.add(time, (earned, spent)) for time, earned, spent in events)
    first, last = (end - length) * 15, end * 15
    inside = [event for event in events if first <= event[0] < last]
    expected = (sum(event[1] for event in inside), sum(event[2] for event in inside))
    assert (points.sums(first, last) or (0, 0)) == expected
    assert points.sums_before((last,), 1) == [sum(event[2] for event in events if event[0] < last)]
    assert len(points.starts) // 4 <= Points.max_buckets
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(points), type=Points) == points


@given(times=st.lists(st.integers(0, 3000), min_size=1, max_size=200))
def test_of_other_widths_only_what_is_older_than_all_of_them_is_refused(times: list[int]) -> None:
    points, newest = Points(), 0
    for time in times:
        newest = max(newest, time)
        if not points.add(time, (1, 0)):
            assert time < newest - 300
    assert len(points.starts) // 4 <= Points.max_buckets


def test_widths_that_do_not_divide_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="buckets of 10 do not fill one of 15"):
        Tiers((10, 100), (15, 300))


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
    buckets = EventBuckets()
    assert all(buckets.add_event(*event) for event in arrivals)
    newest = max(minute for minute, _, _ in signed)
    at = newest - 60 + rng.randrange(4 * DAYS)
    for first in (start // MINUTE for start in window_starts(at * MINUTE)):
        inside = [(amount, sign) for minute, amount, sign in signed if first <= minute < at]
        priced = [(amount, sign) for amount, sign in inside if amount is not None]
        expected = Totals(sum(s for _, s in inside), sum(s for _, s in priced), sum(s * a for a, s in priced))
        assert buckets.between(first, at) == expected
    assert len(buckets.starts) // 4 <= EventBuckets.max_buckets
