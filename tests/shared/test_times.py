"""A time is read from RFC 3339 in one way; microseconds are exact."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.times import (
    EARLIEST,
    EPOCH,
    LATEST,
    at_seconds,
    in_utc,
    in_zone,
    microseconds,
    parse_time,
    shifted,
    span,
)

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


EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-14))
ANY_TIME = st.datetimes(timezones=st.just(UTC))
ANY_SPAN = st.timedeltas()


@given(ANY_TIME, ANY_SPAN)
def test_a_shifted_time_is_the_sum_or_the_end_of_the_calendar_on_that_side(at: datetime, by: timedelta) -> None:
    exact = microseconds(at) + by // timedelta(microseconds=1)
    assert microseconds(shifted(at, by)) == min(max(exact, microseconds(EARLIEST)), microseconds(LATEST))


@given(st.floats(allow_nan=False))
def test_a_length_of_any_number_of_seconds_is_one_and_can_be_added(seconds: float) -> None:
    assert EARLIEST <= shifted(EPOCH, span(seconds)) <= LATEST


def test_a_length_of_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        span(float("nan"))


@pytest.mark.parametrize("zone", [EAST, WEST, ZoneInfo("Asia/Tokyo")])
@pytest.mark.parametrize("at", [EARLIEST, EPOCH, LATEST])
def test_clocks_everywhere_show_something_at_any_time(at: datetime, zone: Any) -> None:
    local = in_zone(at, zone)
    assert local.tzinfo is zone
    assert abs(local.replace(tzinfo=UTC) - at) <= timedelta(hours=14)


@pytest.mark.parametrize(
    "at",
    [
        datetime.max.replace(tzinfo=WEST),
        datetime.min.replace(tzinfo=EAST),
    ],
)
def test_a_time_that_utc_has_no_year_for_is_refused(at: datetime) -> None:
    with pytest.raises(ValueError, match=r"^a time between the years 1 and 9999 expected$"):
        in_utc(at)


@pytest.mark.parametrize("seconds", [10**12, -(10**12), 1e300])
def test_seconds_beyond_the_calendar_are_refused(seconds: float) -> None:
    assert at_seconds(1_800_000_000) == datetime(2027, 1, 15, 8, tzinfo=UTC)
    with pytest.raises(ValueError, match=r"^a time between the years 1 and 9999 expected$"):
        at_seconds(seconds)
