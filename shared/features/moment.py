"""A client at one moment: which rows of the tail lie before it, and where in them each window begins.

A spending counts if it happened strictly before the moment. Whatever is asked of single spendings (the distinct, the
largest, the deviation) is asked of the tail, the last 256 at most; counts and sums add what left it for its cap.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal

from shared.clients import profile
from shared.features import client as c
from shared.features.client import ClientState
from shared.features.codes import code, ref
from shared.features.facts import Facts
from shared.features.schema import features
from shared.features.windows import AsOf
from shared.windowing.columns import find
from shared.windowing.first_seen import FirstSeen

Values = tuple[object, ...]

MAX_RATIO = 1e6
MAX_SUM = 10**15
MAX_COUNT = 10**6
MAX_DAYS = 100_000

_CODES: dict[int, Literal["H", "I"]] = {2: "H", 4: "I"}  # of unsigned integers, by their width in bytes


class Moment:
    """`end` is the first row not before the moment; `hour`, `day`, `week`, `month` the first rows of the windows.

    `wanted` is the currency asked about, `home` the client's; `money` is false where they differ: then no feature of
    the client's amounts can be told. `amounts` are those from row `month` on, zero where in a foreign currency, and
    `priced` those in the client's own. `at` is aware UTC, `time` the same in µs.
    """

    __slots__ = (
        "amounts", "at", "columns", "day", "end", "facts", "home", "hour", "merchant", "money", "month", "priced",
        "profile", "starts", "state", "time", "times", "wanted", "week",
    )  # fmt: skip

    def __init__(self, state: ClientState, facts: Facts, when: AsOf) -> None:
        self.state, self.facts = state, facts
        self.at, self.time, self.starts = when
        time, windows = self.time, self.starts
        self.columns = columns = state.spent.columns
        self.times = times = memoryview(columns[c.TIME]).cast("q")
        end = len(times)
        if end and times[-1] >= time:
            end = bisect_left(times, time)
        self.end = end
        self.month = month = bisect_left(times, windows.month, 0, end)
        self.week = week = bisect_left(times, windows.week, month, end)
        self.day = day = bisect_left(times, windows.day, week, end)
        self.hour = bisect_left(times, windows.hour, day, end)
        self.home = home = state.currency or _home(columns[c.CURRENCY][: end * 2])
        self.wanted = wanted = code(facts.currency)
        self.money = home == wanted or not home or not wanted
        self.merchant = ref(facts.merchant)
        self.profile = profile.as_of(state.profiles, time)
        self.amounts: Sequence[int] = memoryview(columns[c.AMOUNT])[month * 8 : end * 8].cast("q").tolist()
        self.priced: Sequence[int] = self.amounts
        currencies = columns[c.CURRENCY][month * 2 : end * 2]
        if currencies != home.to_bytes(2, "little") * (end - month):
            own = [currency == home for currency in memoryview(currencies).cast("H")]
            self.priced = [amount for amount, mine in zip(self.amounts, own, strict=True) if mine and home]
            self.amounts = [amount if mine else 0 for amount, mine in zip(self.amounts, own, strict=True)]
        elif not home:
            self.priced = ()

    def known(self) -> bool:
        """Whether any spending of the client is known from before."""
        return self.end > 0 or self.state.since > 0

    def last(self) -> int | None:
        """The time of the last spending before the moment, in µs."""
        if self.end:
            return self.times[self.end - 1]
        return min(self.state.spent.evicted_through[0], self.time) if self.state.since else None

    def refs(self, column: int, first: int) -> list[int]:
        """The references in `column` from row `first` up to the moment."""
        return memoryview(self.columns[column])[first * 4 : self.end * 4].cast("I").tolist()

    def distinct(self, column: int, width: int, firsts: Sequence[int]) -> list[int]:
        """How many different codes of `width` bytes, zero not counted, stand in `column` from each first row on.

        `firsts` ascend. Most often all codes are the same.
        """
        first, end = firsts[0], self.end
        part = self.columns[column][first * width : end * width]
        head = part[:width]
        if part == head * (end - first):
            one = 1 if any(head) else 0
            return [one if each < end else 0 for each in firsts]
        codes = memoryview(part).cast(_CODES[width]).tolist()
        sets = [set(codes[each - first :]) for each in firsts]
        return [len(found) - (0 in found) for found in sets]

    def first(self, column: int, memory: FirstSeen, ref: int) -> int | None:
        """When the reference was first seen, in µs: in what is remembered, or else in `column`, of four bytes."""
        packed = ref.to_bytes(4, "little")
        first = memory.time_of(packed)
        if first is not None:
            return first
        place = find(self.columns[column][: self.end * 4], packed)
        return self.times[place] if place >= 0 else None


def _home(currencies: bytes) -> int:
    """The first currency in the column: that of the client's first amount."""
    first = currencies[0:2]
    if any(first) or not currencies:
        return int.from_bytes(first, "little")
    return next(filter(None, memoryview(currencies).cast("H")), 0)


def bits(*names: str) -> int:
    """The mask of the features `names`."""
    return features().mask(names)
