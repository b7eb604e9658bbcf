"""A client at one moment: which rows of the tail lie before it, and where in them each window begins.

A spending counts if it happened strictly before the moment. Whatever is asked of single spendings (the distinct, the
largest, the deviation) is asked of the tail, the last 256 at most; counts and sums add what left it for its cap.
"""

from bisect import bisect_left
from datetime import datetime
from struct import Struct

from shared.features import client as c
from shared.features.client import ClientState, Profile
from shared.features.codes import code
from shared.features.facts import Facts
from shared.features.memory import Memory
from shared.features.schema import features
from shared.features.tail import find
from shared.features.windows import Starts

Values = tuple[object, ...]

MAX_RATIO = 1e6
MAX_SUM = 10**15
MAX_COUNT = 10**6
MAX_DAYS = 100_000

INT64 = tuple(Struct(f"<{count}q").unpack_from for count in range(c.SPENDINGS_CAP + 1))
"""Unpacks that many integers from a column, at an offset in bytes."""

_UNPACK = {
    4: tuple(Struct(f"<{count}I").unpack_from for count in range(c.SPENDINGS_CAP + 1)),
    2: tuple(Struct(f"<{count}H").unpack_from for count in range(c.SPENDINGS_CAP + 1)),
}


class Moment:
    """`end` is the first row not before the moment; `hour`, `day`, `week`, `month` the first rows of the windows.

    `wanted` is the currency asked about, `home` the client's; `money` is false where they differ: then no feature of
    the client's amounts can be told. `at` is aware UTC, `time` the same in µs.
    """

    __slots__ = (
        "at", "columns", "day", "end", "facts", "home", "hour", "money", "month", "starts", "state", "time", "wanted",
        "week",
    )  # fmt: skip

    def __init__(self, state: ClientState, facts: Facts, at: datetime, time: int, windows: Starts) -> None:
        self.state, self.facts, self.at, self.time, self.starts = state, facts, at, time, windows
        self.columns = columns = state.spent.columns
        times = memoryview(columns[c.TIME]).cast("q")
        end = len(times)
        if end and times[-1] >= time:
            end = bisect_left(times, time)
        self.end = end
        self.month = month = bisect_left(times, windows.month, 0, end)
        self.week = week = bisect_left(times, windows.week, month, end)
        self.day = day = bisect_left(times, windows.day, week, end)
        self.hour = bisect_left(times, windows.hour, day, end)
        self.home = state.currency or _home(columns[c.CURRENCY])
        self.wanted = code(facts.currency)
        self.money = not self.home or not self.wanted or self.home == self.wanted

    def known(self) -> bool:
        """Whether any spending of the client is known from before."""
        return self.end > 0 or self.state.since > 0

    def last(self) -> int | None:
        """The time of the last spending before the moment, in µs."""
        if self.end:
            time: int = INT64[1](self.columns[c.TIME], self.end * 8 - 8)[0]
            return time
        return min(self.state.spent.through[0], self.time) if self.state.since else None

    def refs(self, column: int, first: int) -> tuple[int, ...]:
        """The references in `column` from row `first` up to the moment."""
        return _UNPACK[4][self.end - first](self.columns[column], first * 4)

    def distinct(self, column: int, width: int, first: int) -> int:
        """How many different codes of `width` bytes, zero not counted, stand in `column` from row `first` on."""
        count = self.end - first
        if not count:
            return 0
        part = self.columns[column][first * width : self.end * width]
        head = part[:width]
        if part == head * count:
            return 1 if any(head) else 0
        found = set(_UNPACK[width][count](part))
        return len(found) - (0 in found)

    def first(self, column: int, memory: Memory, ref: int) -> int | None:
        """When the reference was first seen, in µs: in what is remembered, or else in `column`, of four bytes."""
        packed = ref.to_bytes(4, "little")
        first = memory.first(packed)
        if first is not None:
            return first
        place = find(self.columns[column][: self.end * 4], packed)
        return INT64[1](self.columns[c.TIME], place * 8)[0] if place >= 0 else None

    def profile(self) -> Profile | None:
        """What the last snapshot before the moment said."""
        for profile in reversed(self.state.profiles):
            if profile.time < self.time:
                return profile
        return None


def _home(currencies: bytes) -> int:
    """The first currency in the column: that of the client's first amount."""
    first = currencies[0:2]
    if any(first) or not currencies:
        return int.from_bytes(first, "little")
    return next(filter(None, memoryview(currencies).cast("H")), 0)


def bits(*names: str) -> int:
    """The mask of the features `names`."""
    return features().mask(names)
