"""The windows of time that features look through.

Time is cut into buckets that begin at multiples of their width since 1970, UTC. A window at time t is a row of them:
1 hour is 60 buckets of a minute, 24 hours are 24 buckets of an hour, 7 days are 28 buckets of 6 hours, and 30 days are
30 buckets of a day, each time with the bucket that t lies in as the last one, seen up to t. So a window never reaches
back further than its name says, and misses less than one bucket of it.
"""

from datetime import datetime
from typing import NamedTuple

from shared.times import MINUTE, microseconds


class Starts(NamedTuple):
    """Where each window begins, in microseconds since 1970."""

    hour: int
    day: int
    week: int
    month: int


def starts(at: int) -> Starts:
    """The beginnings of the windows at `at`, microseconds since 1970."""
    minute = at // MINUTE
    return Starts(
        (minute - 59) * MINUTE,
        (minute // 60 - 23) * 60 * MINUTE,
        (minute // 360 - 27) * 360 * MINUTE,
        (minute // 1440 - 29) * 1440 * MINUTE,
    )


class Instant(NamedTuple):
    """When features are asked for: `at` is aware UTC, `time` the same in µs, `starts` where its windows begin."""

    at: datetime
    time: int
    starts: Starts


def instant(at: datetime) -> Instant:
    """The instant of an aware time."""
    time = microseconds(at)
    return Instant(at, time, starts(time))
