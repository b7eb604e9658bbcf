"""Counts and sums of a feature's events by minute, and wider with age (`shared.windowing.buckets`)."""

from typing import NamedTuple

import msgspec

from shared.windowing.buckets import Buckets, Tiers

_HOUR, _DAY = 60, 1440  # minutes


class Totals(NamedTuple):
    """How many events, how many of them with an amount in the state's currency, and the sum of those in minor units."""

    events: int
    priced: int
    amount: int


EMPTY = Totals(0, 0, 0)


class EventBuckets(Buckets, msgspec.Struct, array_like=True):
    """Events by minutes for two hours back, then by hours for two days, 6 hours for nine days, and days for forty."""

    columns = "events", "priced", "amounts"
    tiers = Tiers((1, 2 * _HOUR), (_HOUR, 2 * _DAY), (6 * _HOUR, 9 * _DAY), (_DAY, 40 * _DAY))
    max_buckets = 360  # 295 remain at most after they are merged

    starts: bytes = b""
    events: bytes = b""
    priced: bytes = b""
    amounts: bytes = b""
    totals: tuple[int, int, int] = (0, 0, 0)
    merged: int = 0

    def add_event(self, minute: int, amount: int | None, sign: int = 1) -> bool:
        """Add one event without (`None`) or with an amount, or take it back (-1); false if it is older than all."""
        return self.add(minute, (sign, 0, 0) if amount is None else (sign, sign, sign * amount))

    def between(self, first: int, end: int) -> Totals:
        """What was added from minute `first` up to, without, minute `end`."""
        sums = self.sums(first, end)
        return Totals(*sums) if sums is not None else EMPTY
