"""A time is read from RFC 3339 in one way; microseconds are exact."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.times import EPOCH, microseconds, parse_time

OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS)  # noqa: DTZ001 - as hypothesis takes them


@given(TIMES)
def test_a_time_with_an_offset_is_the_same_time_in_utc(time: datetime) -> None:
    parsed = parse_time(time.isoformat())
    assert (parsed, parsed.tzinfo) == (time, UTC)


@pytest.mark.parametrize("text", ["", "today", "2026-02-30T00:00:00Z", "2026-11-22T09:30:00z", None, 3, ["2026"]])
def test_what_is_no_time_is_answered_with_an_example(text: Any) -> None:
    with pytest.raises(ValueError, match=r"^a time like 2026-11-22T09:30:00\+01:00 expected$"):
        parse_time(text)


@pytest.mark.parametrize("text", ["2026-11-22", "2026-11-22T09:30:00"])
def test_a_time_without_an_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a time with an offset expected$"):
        parse_time(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_time_that_is_out_of_range_in_utc_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a time between the years 1 and 9999 expected$"):
        parse_time(text)


@given(TIMES)
def test_microseconds_are_exact(time: datetime) -> None:
    assert timedelta(microseconds=microseconds(time)) == time - EPOCH
