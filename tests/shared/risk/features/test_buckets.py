"""The buckets of features: forty days of them, within their bound."""

from shared.risk.features.buckets import EventBuckets, Totals

NEWEST = 30_000_000  # minutes since 1970
DAYS = 1440


def test_what_is_older_than_all_buckets_is_refused() -> None:
    """Once buckets were merged, forty days are kept."""
    buckets = EventBuckets()
    for minute in range(EventBuckets.max_buckets + 1):
        assert buckets.add_event(NEWEST + minute, 1)
    assert not buckets.add_event(NEWEST - 41 * DAYS, 1)
    assert buckets.add_event(NEWEST - 39 * DAYS, 1)


def test_a_year_of_one_event_in_26_minutes_stays_within_the_bound() -> None:
    """Merging keeps the series short, and the totals go on."""
    buckets = EventBuckets()
    for step in range(20_000):
        buckets.add_event(NEWEST + step * 26, 5)
    assert len(buckets.starts) // 4 <= EventBuckets.max_buckets
    assert buckets.totals == Totals(20_000, 20_000, 100_000)
