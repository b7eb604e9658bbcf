"""Conversions are exact, held to Python's own decimals and times, or refuse."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.events.avro.conversions import day, minor, negative, time
from shared.events.avro.field_path import FieldPath
from shared.times import EPOCH

DIGITS = st.sampled_from([0, 2, 3, 4])


def of(kind: str, scale: int = 0, logical: str | None = None) -> FieldPath:
    return FieldPath("/x", kind, logical, scale, lambda record: record)


def exact(amount: Decimal, digits: int) -> int | None:
    """The amount in minor units, or `None` where it has more decimals than they have."""
    counted = amount.scaleb(digits)
    return int(counted) if counted == counted.to_integral_value() else None


def outcome(convert: Any, *arguments: Any) -> int | None:
    try:
        converted: int = convert(*arguments)
    except Invalid:
        return None
    return converted


@given(st.decimals(-(10**13), 10**13, places=4), DIGITS)
def test_a_decimal_in_text_is_counted_exactly_or_refused(amount: Decimal, digits: int) -> None:
    assert outcome(minor(of("string"), "major"), str(amount), digits) == exact(amount, digits)


@given(st.integers(-(10**17), 10**17), st.integers(0, 6), DIGITS)
def test_a_decimal_in_bytes_is_counted_exactly_or_refused(unscaled: int, scale: int, digits: int) -> None:
    data = unscaled.to_bytes(9, "big", signed=True)
    expected = exact(Decimal(unscaled).scaleb(-scale), digits)
    assert outcome(minor(of("decimal", scale), "major"), data, digits) == expected
    assert negative(of("decimal", scale))(data) is (unscaled < 0)


@given(st.integers(-(10**12), 10**12), DIGITS)
def test_a_double_is_counted_as_the_decimal_it_stands_for(minor_units: int, digits: int) -> None:
    assert minor(of("double"), "major")(minor_units / 10**digits, digits) == minor_units


@pytest.mark.parametrize("value", [12.345, 0.001, float("nan"), float("inf"), -float("inf"), 1e308])
def test_a_double_that_is_no_amount_is_refused(value: float) -> None:
    assert outcome(minor(of("double"), "major"), value, 2) is None


@pytest.mark.parametrize("text", ["", " ", "12,50", "1e5", "0x1", "1.2.3", "--1", "1 000", "٣", "1" * 40, "NaN", "12."])
def test_text_that_is_no_decimal_is_refused(text: str) -> None:
    assert outcome(minor(of("string"), "major"), text, 2) is None


def test_minor_units_are_taken_as_they_are() -> None:
    assert minor(of("long"), "minor")(1234, 2) == 1234
    assert minor(of("string"), "minor")("1234", 2) == 1234
    assert outcome(minor(of("string"), "minor"), "12.34", 2) is None


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2098, 1, 1)),  # noqa: DTZ001 - the zone is given beside
    st.integers(-1439, 1439),
)
def test_a_time_in_text_is_the_instant_it_tells(moment: datetime, minutes: int) -> None:
    at = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert EPOCH + timedelta(microseconds=time(of("string"), "rfc3339")(at.isoformat())) == at


@pytest.mark.parametrize("text", ["2026-03-01T12:00:00Z", "2026-03-01t12:00:00z", "2026-03-01 13:00:00.000+01:00"])
def test_a_time_may_be_written_in_any_way_of_rfc_3339(text: str) -> None:
    expected = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert EPOCH + timedelta(microseconds=time(of("string"), "rfc3339")(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "2026-03-01", "2026-03-01T12:00:00", "2026-02-30T12:00:00Z", "20260301T120000Z", "2026-03-01T24:00:01Z",
     "2026-03-01T12:00:00+25:00", "0000-01-01T00:00:00Z", "2026-W09-7T12:00:00Z", "2026-03-01T12:00:60Z", "x" * 5_000],
)  # fmt: skip
def test_text_that_is_no_instant_is_refused(text: str) -> None:
    """Without an offset nobody knows when it is."""
    assert outcome(time(of("string"), "rfc3339"), text) is None


@pytest.mark.parametrize(("unit", "value"), [("epoch_s", 1), ("epoch_ms", 1_000), ("epoch_us", 1_000_000)])
def test_a_time_in_numbers_is_microseconds(unit: str, value: int) -> None:
    assert time(of("long"), unit)(value) == 1_000_000


@given(st.dates())
def test_a_day_in_text_is_the_day_it_tells(on: date) -> None:
    assert date(1970, 1, 1) + timedelta(day(of("string"), "iso8601")(on.isoformat())) == on


@pytest.mark.parametrize("text", ["", "2026-3-1", "20260301", "2026-02-30", "01/03/2026"])
def test_text_that_is_no_day_is_refused(text: str) -> None:
    assert outcome(day(of("string"), "iso8601"), text) is None


def test_what_the_schema_says_of_a_number_is_not_contradicted() -> None:
    with pytest.raises(Invalid):
        time(of("long", logical="timestamp-millis"), "epoch_us")
    with pytest.raises(Invalid):
        day(of("int", logical="date"), "iso8601")
