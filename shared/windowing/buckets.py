"""Buckets: counts and sums over windows of time, whatever the activity."""

import struct
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

_HOUR, _DAY = 60, 1440  # minutes
_INT64 = struct.Struct("<q").unpack_from
_pack_start, _pack = struct.Struct("<I").pack, struct.Struct("<q").pack
_TIERS = ((1, 2 * _HOUR, _HOUR), (_HOUR, 2 * _DAY, 6 * _HOUR), (6 * _HOUR, 9 * _DAY, _DAY), (_DAY, 40 * _DAY, _DAY))
# width of a bucket, how far back buckets of that width reach, and the coarser width that this reach is aligned to

MAX_BUCKETS = 360
"""Buckets kept; one more, and older ones are merged into wider ones (295 remain at most)."""


class Sums(NamedTuple):
    """How many events, how many of them with an amount in the state's currency, and the sum of those in minor units."""

    events: int
    priced: int
    total: int


NOTHING = Sums(0, 0, 0)


class Buckets(msgspec.Struct, array_like=True):
    """A sparse series of buckets, each with what came before it: a window is one subtraction, an event one addition.

    `starts` packs the buckets' first minutes (uint32), the other columns (int64) what had been added to all buckets
    before each. Buckets are minutes wide for two hours back, then hours for two days, 6 hours for nine days, and days
    for forty, seen from `merged`, the minute at which they were merged last. Events commute; a reversal is an event
    with the sign -1 at the time of what it reverses.
    """

    starts: bytes = b""
    events: bytes = b""
    priced: bytes = b""
    totals: bytes = b""
    all: tuple[int, int, int] = (0, 0, 0)
    merged: int = 0

    def between(self, first: int, end: int) -> Sums:
        """What was added from minute `first` up to, without, minute `end`."""
        entries = memoryview(self.starts).cast("I")
        last = bisect_left(entries, end)
        place = bisect_left(entries, first, 0, last)
        if place == last:
            return NOTHING
        events, priced, total = self._before(last)
        return Sums(events - _at(self.events, place), priced - _at(self.priced, place), total - _at(self.totals, place))

    def counts(self, minutes: Sequence[int]) -> list[int]:
        """How many events were added before each of `minutes`."""
        entries = memoryview(self.starts).cast("I")
        before = memoryview(self.events).cast("q")
        size, total = len(entries), self.all[0]
        places = [bisect_left(entries, minute) for minute in minutes]
        return [before[place] if place < size else total for place in places]

    def add(self, minute: int, amount: int | None, sign: int = 1) -> bool:
        """Add one event without (`None`) or with an amount; false if it is older than all buckets."""
        start = _start(minute, self.merged)
        if start is None:
            return False
        entries = memoryview(self.starts).cast("I")
        place = bisect_left(entries, start)
        events, priced, total = self.all
        change = (sign, 0, 0) if amount is None else (sign, sign, sign * amount)
        if place == len(entries):  # later than all others, as most often
            self.starts += _pack_start(start)
            self.events += _pack(events)
            self.priced += _pack(priced)
            self.totals += _pack(total)
        else:
            if entries[place] != start:
                self._open(place, start)
            if (place + 1) * 4 < len(self.starts):
                self._shift(place + 1, change)
        self.all = (events + change[0], priced + change[1], total + change[2])
        if len(self.starts) > MAX_BUCKETS * 4:
            self.merge()
        return True

    def merge(self) -> None:
        """Merge buckets by their age, and forget those older than all tiers, but not what they add to later ones."""
        entries = memoryview(self.starts).cast("I").tolist()
        self.merged = entries[-1]
        kept: dict[int, int] = {}
        for place, entry in enumerate(entries):
            start = _start(entry, self.merged)
            if start is not None:
                kept.setdefault(start, place)
        self.starts = struct.pack(f"<{len(kept)}I", *kept)
        self.events, self.priced, self.totals = (
            b"".join(column[place * 8 : place * 8 + 8] for place in kept.values())
            for column in (self.events, self.priced, self.totals)
        )

    def _before(self, place: int) -> tuple[int, int, int]:
        """What was added before the bucket at `place`."""
        if place * 4 == len(self.starts):
            return self.all
        return _at(self.events, place), _at(self.priced, place), _at(self.totals, place)

    def _open(self, place: int, start: int) -> None:
        """Begin a bucket at `start`, before the one at `place`: what came before that one is what came before both."""
        self.starts = self.starts[: place * 4] + _pack_start(start) + self.starts[place * 4 :]
        at = place * 8
        self.events, self.priced, self.totals = (
            column[:at] + column[at : at + 8] + column[at:] for column in (self.events, self.priced, self.totals)
        )

    def _shift(self, place: int, change: tuple[int, int, int]) -> None:
        """Add `change` to what came before each bucket from `place` on."""
        at = place * 8
        form = f"<{len(self.events) // 8 - place}q"
        self.events, self.priced, self.totals = (
            column[:at] + struct.pack(form, *[each + by for each in struct.unpack_from(form, column, at)])
            for column, by in zip((self.events, self.priced, self.totals), change, strict=True)
        )


def _at(column: bytes, place: int) -> int:
    value: int = _INT64(column, place * 8)[0]
    return value


def _start(minute: int, merged: int) -> int | None:
    """Where the bucket of `minute` begins, buckets having been merged at minute `merged`; `None` before all of them."""
    for width, reach, alignment in _TIERS:
        if minute >= (merged - reach) // alignment * alignment:
            return minute // width * width
    return None
