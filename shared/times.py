"""Times in UTC: read from text (RFC 3339), and as whole microseconds since 1970 with the units they are counted in."""

from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time between the years 1 and 9999 expected") from error
