"""The windows of time that features look through: an hour, 24 hours, 7 days and 30 days."""

from datetime import datetime
from typing import NamedTuple

from shared.times import DAY, HOUR, MINUTE, microseconds
from shared.windowing.windows import Window

_IN_HOUR, _IN_DAY, _IN_WEEK, _IN_MONTH = (
    Window(MINUTE, 60),
    Window(HOUR, 24),
    Window(6 * HOUR, 28),
    Window(DAY, 30),
)

RETENTION = 35 * DAY
"""How long single events are kept: the longest window, and five days to look at the past."""


class WindowStarts(NamedTuple):
    """Where each window begins, in microseconds since 1970."""

    hour: int
    day: int
    week: int
    month: int


def window_starts(time: int) -> WindowStarts:
    """Where the windows at `time`, microseconds since 1970, begin."""
    return WindowStarts(_IN_HOUR.start(time), _IN_DAY.start(time), _IN_WEEK.start(time), _IN_MONTH.start(time))


class AsOf(NamedTuple):
    """When features are asked for: `at` is aware UTC, `time` the same in µs, `starts` where its windows begin."""

    at: datetime
    time: int
    starts: WindowStarts


def as_of(at: datetime) -> AsOf:
    """The same of an aware time."""
    time = microseconds(at)
    return AsOf(at, time, window_starts(time))
