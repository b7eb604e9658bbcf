"""Buckets: what was added up to each of many times, so that a window is one subtraction and an event one addition."""

import struct
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from operator import add
from typing import ClassVar

_INT64 = struct.Struct("<q").unpack_from
_pack_start, _pack = struct.Struct("<I").pack, struct.Struct("<q").pack


class Tiers:
    """How wide buckets are by their age: pairs of a width and how far back buckets of that width reach.

    The narrowest come first; each width divides the next one, and each reach is whole in that next width. Widths,
    reaches and times are in one unit, whichever; times are below 2**32 of it.
    """

    __slots__ = ("_tiers",)

    def __init__(self, *tiers: tuple[int, int]) -> None:
        coarser = [width for width, _ in tiers[1:]] + [tiers[-1][0]]
        for (width, _), (wider, _) in pairwise(tiers):
            if wider % width:
                raise ValueError(f"buckets of {width} do not fill one of {wider}")
        self._tiers = tuple((width, reach, align) for (width, reach), align in zip(tiers, coarser, strict=True))

    def start(self, time: int, merged: int) -> int | None:
        """Where the bucket of `time` begins, seen from the time `merged`; `None` before all buckets."""
        for width, reach, alignment in self._tiers:
            if time >= (merged - reach) // alignment * alignment:
                return time // width * width
        return None


class Buckets:
    """A sparse series of buckets: a mixin for a struct that names what it adds up.

    The struct has the fields named here and one of type `bytes` for each of its `columns`. `starts` packs the times at
    which buckets begin (uint32), a column what had been added to it before each bucket (int64), and `totals` is the sum
    of each column. How wide the buckets are goes by `tiers`, seen from `merged`, the time at which they were merged
    last. Additions commute; what was added is taken back by adding it negated, at the same time.
    """

    __slots__ = tuple[str, ...]()  # the struct has the fields

    columns: ClassVar[tuple[str, ...]]
    tiers: ClassVar[Tiers]
    max_buckets: ClassVar[int]
    """One bucket more, and older ones are merged into wider ones."""

    starts: bytes
    totals: tuple[int, ...]
    merged: int

    def add(self, time: int, values: tuple[int, ...]) -> bool:
        """Add a value to each column; false if `time` is older than all buckets."""
        start = self.tiers.start(time, self.merged)
        if start is None:
            return False
        starts = memoryview(self.starts).cast("I")
        index = bisect_left(starts, start)
        if index == len(starts):  # later than all others, as most often
            self.starts += _pack_start(start)
            for name, before in zip(self.columns, self.totals):  # noqa: B905 # faster
                setattr(self, name, getattr(self, name) + _pack(before))
        else:
            if starts[index] != start:
                self._open(index, start)
            if (index + 1) * 4 < len(self.starts):
                self._shift(index + 1, values)
        self.totals = tuple(map(add, self.totals, values))
        if len(self.starts) > self.max_buckets * 4:
            self.merge()
        return True

    def sums(self, first: int, end: int) -> tuple[int, ...] | None:
        """What was added to each column from time `first` up to, without, `end`; `None` where there is no bucket."""
        starts = memoryview(self.starts).cast("I")
        last = bisect_left(starts, end)
        index = bisect_left(starts, first, 0, last)
        if index == last:
            return None
        at = index * 8
        columns = [getattr(self, name) for name in self.columns]
        if last == len(starts):
            return tuple([now - _INT64(column, at)[0] for column, now in zip(columns, self.totals)])  # noqa: B905 # faster
        return tuple([_INT64(column, last * 8)[0] - _INT64(column, at)[0] for column in columns])

    def sums_before(self, times: Sequence[int], column: int = 0) -> list[int]:
        """What was added to the column of that index before each of `times`."""
        starts = memoryview(self.starts).cast("I")
        before = memoryview(getattr(self, self.columns[column])).cast("q")
        size, total = len(starts), self.totals[column]
        indices = [bisect_left(starts, time) for time in times]
        return [before[index] if index < size else total for index in indices]

    def merge(self) -> None:
        """Merge buckets by their age, and forget those older than all tiers, but not what they add to later ones."""
        starts = memoryview(self.starts).cast("I").tolist()
        self.merged = starts[-1]
        merged: dict[int, int] = {}
        for index, old in enumerate(starts):
            start = self.tiers.start(old, self.merged)
            if start is not None:
                merged.setdefault(start, index)
        self.starts = struct.pack(f"<{len(merged)}I", *merged)
        for name in self.columns:
            column = getattr(self, name)
            setattr(self, name, b"".join([column[index * 8 : index * 8 + 8] for index in merged.values()]))

    def _open(self, index: int, start: int) -> None:
        """Begin a bucket at `start`, before the one at `index`: what came before that one is what came before both."""
        self.starts = self.starts[: index * 4] + _pack_start(start) + self.starts[index * 4 :]
        at = index * 8
        for name in self.columns:
            column = getattr(self, name)
            setattr(self, name, column[:at] + column[at : at + 8] + column[at:])

    def _shift(self, index: int, values: tuple[int, ...]) -> None:
        """Add `values` to what came before each bucket from `index` on."""
        at = index * 8
        form = f"<{len(self.starts) // 4 - index}q"
        for name, value in zip(self.columns, values, strict=True):
            column = getattr(self, name)
            later = [before + value for before in struct.unpack_from(form, column, at)]
            setattr(self, name, column[:at] + struct.pack(form, *later))
