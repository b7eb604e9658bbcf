"""A client as of a time: which of the recent spendings lie before it, and where in them each window begins.

A spending counts if it happened strictly before that time. The distinct, the largest and the deviation are those of the
recent spendings, the last 256 at most; counts and sums add those that were evicted for the cap.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal

from shared.clients import profile
from shared.risk.features import client as c
from shared.risk.features.client import ClientState
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.packing import code, ref
from shared.risk.features.schema import features
from shared.risk.features.windows import AsOf
from shared.windowing.columns import find
from shared.windowing.first_seen import FirstSeen

FeatureVector = tuple[object, ...]

MAX_RATIO = 1e6
MAX_SUM = 10**15
MAX_COUNT = 10**6
MAX_DAYS = 100_000

_CODES: dict[int, Literal["H", "I"]] = {2: "H", 4: "I"}  # of unsigned integers, by their width in bytes


class ClientAsOf:
    """`end` is the first row of recent spendings not before the time; `hour`, `day`, `week`, `month` are the first rows
    of the windows.

    `currency` is the client's, `currency_asked` that of the question; they are `comparable` where they do not differ:
    else no feature of the client's amounts is known. `amounts` are those from row `month` on, zero where in a foreign
    currency, and `own_amounts` those in the client's own. `at` is aware UTC, `time` the same in µs.
    """

    __slots__ = (
        "amounts", "at", "columns", "comparable", "currency", "currency_asked", "day", "end", "facts", "hour",
        "merchant", "month", "own_amounts", "profile", "starts", "state", "time", "times", "week",
    )  # fmt: skip

    def __init__(self, state: ClientState, facts: FeatureInputs, when: AsOf) -> None:
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
        self.currency = currency = state.currency or _first_currency(columns[c.CURRENCY][: end * 2])
        self.currency_asked = currency_asked = code(facts.currency)
        self.comparable = currency == currency_asked or not currency or not currency_asked
        self.merchant = ref(facts.merchant)
        self.profile = profile.as_of(state.profiles, time)
        self.amounts: Sequence[int] = memoryview(columns[c.AMOUNT])[month * 8 : end * 8].cast("q").tolist()
        self.own_amounts: Sequence[int] = self.amounts
        currencies = columns[c.CURRENCY][month * 2 : end * 2]
        if currencies != currency.to_bytes(2, "little") * (end - month):
            own = [entry == currency for entry in memoryview(currencies).cast("H")]
            self.own_amounts = [amount for amount, mine in zip(self.amounts, own, strict=True) if mine and currency]
            self.amounts = [amount if mine else 0 for amount, mine in zip(self.amounts, own, strict=True)]
        elif not currency:
            self.own_amounts = ()

    def has_spent(self) -> bool:
        """Whether any spending of the client is known from before."""
        return self.end > 0 or self.state.since > 0

    def last_time(self) -> int | None:
        """The time of the last spending before then, in µs."""
        if self.end:
            return self.times[self.end - 1]
        return min(self.state.spent.evicted_through[0], self.time) if self.state.since else None

    def refs(self, column: int, first: int) -> list[int]:
        """The references in `column` from row `first` up to row `end`."""
        return memoryview(self.columns[column])[first * 4 : self.end * 4].cast("I").tolist()

    def distinct(self, column: int, width: int, firsts: Sequence[int]) -> list[int]:
        """How many different codes of `width` bytes, zero not counted, stand in `column` from each first row on.

        `firsts` ascend. Most often all codes are the same.
        """
        first, end = firsts[0], self.end
        part = self.columns[column][first * width : end * width]
        head = part[:width]
        if part == head * (end - first):
            only = 1 if any(head) else 0
            return [only if row < end else 0 for row in firsts]
        codes = memoryview(part).cast(_CODES[width]).tolist()
        sets = [set(codes[row - first :]) for row in firsts]
        return [len(distinct) - (0 in distinct) for distinct in sets]

    def first_time(self, column: int, memory: FirstSeen, ref: int) -> int | None:
        """When the reference was first seen, in µs: in what is remembered, or else in `column`, of four bytes."""
        packed = ref.to_bytes(4, "little")
        first = memory.time_of(packed)
        if first is not None:
            return first if first < self.time else None  # asked about a time before: it lies ahead
        row = find(self.columns[column][: self.end * 4], packed)
        return self.times[row] if row >= 0 else None


def _first_currency(currencies: bytes) -> int:
    """The first currency in the column: that of the client's first amount."""
    first = currencies[0:2]
    if any(first) or not currencies:
        return int.from_bytes(first, "little")
    return next(filter(None, memoryview(currencies).cast("H")), 0)


def mask_of(*names: str) -> int:
    """The mask of the features `names`."""
    return features().mask(names)
