"""Times in UTC: read from text (RFC 3339), and as whole microseconds since 1970 with the units they are counted in.

The calendar has the years 1 to 9999. Arithmetic with times and lengths that were given ends at its ends, where Python's
raises `OverflowError`: a list entry that expires on 9999-12-31 expires at the last instant there is.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
"""Microseconds."""


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 of an aware time, exact."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def parse_time(text: Any) -> datetime:
    """The time, aware and in UTC, that `text` is in RFC 3339 with capital letters; raises `ValueError`, whose text says
    what is expected instead.
    """
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ValueError("a time like 2026-11-22T09:30:00+01:00 expected") from error
    if time.tzinfo is None:
        raise ValueError("a time with an offset expected")
    return in_utc(time)


def in_utc(at: datetime) -> datetime:
    """An aware time in UTC; raises `ValueError`, whose text says what is expected, where UTC has another year."""
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time between the years 1 and 9999 expected") from error


def in_zone(at: datetime, zone: tzinfo) -> datetime:
    """What clocks in `zone` show at an aware time; at the ends of the calendar, the end."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return (LATEST if at > EPOCH else EARLIEST).replace(tzinfo=zone)


def span(seconds: float) -> timedelta:
    """A length of time in seconds, the longest there is for what is longer; raises `ValueError` for NaN."""
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        return timedelta.max if seconds > 0 else timedelta.min


def shifted(at: datetime, by: timedelta) -> datetime:
    """The time `by` after an aware time, or an end of the calendar if it lies beyond."""
    try:
        return at + by
    except OverflowError:
        return LATEST if by > timedelta() else EARLIEST


def at_seconds(since_1970: float) -> datetime:
    """The time so many seconds after 1970; raises `ValueError` beyond the calendar."""
    try:
        return EPOCH + timedelta(seconds=since_1970)
    except OverflowError as error:
        raise ValueError("a time between the years 1 and 9999 expected") from error
