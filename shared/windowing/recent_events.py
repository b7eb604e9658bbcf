"""The most recent events of one state, in order, so that late, repeated and reversed ones come out right.

An event is taken if it is newer than what has been evicted, and not there already. A reversal takes its event out and
remembers the id, so that neither the event nor its reversal can count twice, in whichever order they come.
"""

import struct
from bisect import bisect_left
from typing import Any, ClassVar, Self

import msgspec

from shared.windowing.columns import Layout, find
from shared.windowing.outcome import Outcome

Row = tuple[Any, ...]

_REVERSAL = struct.Struct("<qQ")
_TIME = struct.Struct("<q").unpack_from


class RecentEvents(msgspec.Struct, array_like=True):
    """Rows in order of (time, id), one packed column for each field; a subclass says which columns, and how many rows.

    Times are integers, most often microseconds since 1970; ids are unsigned integers of 64 bits. `evicted_through` is
    (time, id) of the last row evicted; `reversed` packs (time of the reversal, id of the event) in order.
    """

    layout: ClassVar[Layout]
    """Of a row: the first two columns are `q` (time) and `Q` (id)."""

    cap: ClassVar[int]
    """Rows at most."""

    retention: ClassVar[int]
    """No row is older than this before the newest one."""

    max_reversals: ClassVar[int] = 64
    """Reversals remembered; one more, and no event is taken that is older than the oldest reversal of them."""

    columns: list[bytes]
    evicted_through: tuple[int, int] = (-(2**63), 0)
    reversed: bytes = b""

    @classmethod
    def empty(cls) -> Self:
        """Without any row."""
        return cls([b""] * len(cls.layout.formats))

    def __len__(self) -> int:
        return len(self.columns[0]) // 8

    def newest(self) -> int:
        """The time of the newest row, or of the last one evicted."""
        return _time(self.columns[0], -8) if self.columns[0] else self.evicted_through[0]

    def rows(self, count: int | None = None) -> list[Row]:
        """The first `count` rows, or all."""
        number = len(self) if count is None else count
        columns = [
            struct.unpack_from("<" + code * number, column)
            for code, column in zip(self.layout.formats, self.columns, strict=True)
        ]
        return list(zip(*columns, strict=True))

    def insert(self, row: Row) -> tuple[Outcome, list[Row]]:
        """Take one row; also returns the rows evicted for it, the oldest first."""
        time, identity = row[0], row[1]
        times, ids = self.columns[0], self.columns[1]
        last = self.newest()
        newest = max(last, time)
        if (time, identity) <= self.evicted_through or time < newest - self.retention:
            return Outcome.TOO_OLD, []
        needle = identity.to_bytes(8, "little")
        if find(ids, needle) >= 0:
            return Outcome.DUPLICATE, []
        if self.reversed and find(self.reversed, needle, 8) >= 0:
            return Outcome.REVERSED, []
        packed = self.layout.row.pack(*row)
        if times and time <= last:
            index = _index(times, ids, time, identity)
            self._replace_rows(index, index, packed)
            return Outcome.FOLDED, self.evict(newest)
        expired = self._expired(newest, coming=1)
        columns = self.columns
        if expired:
            first = len(expired)
            columns = [column[first * width :] for column, width in zip(columns, self.layout.widths, strict=True)]
        self.columns = [column + packed[part] for column, part in zip(columns, self.layout.slices, strict=True)]
        return Outcome.FOLDED, expired

    def reverse(self, identity: int, at: int | None, time: int) -> Outcome:
        """Take out the row `identity`, which happened at `at` (`None`: unknown); the reversal is of `time`.

        A row that has not come yet (`WAITING`) will not be taken when it does.
        """
        needle = identity.to_bytes(8, "little")
        if find(self.reversed, needle, 8) >= 0:
            return Outcome.DUPLICATE
        index = find(self.columns[1], needle)
        if index >= 0:
            self._replace_rows(index, index + 1, b"")
        elif (time if at is None else at, identity) <= self.evicted_through:
            return Outcome.TOO_OLD
        reversals = sorted([*_REVERSAL.iter_unpack(self.reversed), (time, identity)])
        if len(reversals) > self.max_reversals:
            self.evicted_through = max(self.evicted_through, reversals[0])
        self.reversed = b"".join([_REVERSAL.pack(*reversal) for reversal in reversals[-self.max_reversals :]])
        return Outcome.FOLDED if index >= 0 else Outcome.WAITING

    def evict(self, newest: int) -> list[Row]:
        """Remove and return the rows beyond the cap or older than the retention before `newest`, the oldest first."""
        expired = self._expired(newest)
        if expired:
            self._replace_rows(0, len(expired), b"")
        return expired

    def _expired(self, newest: int, coming: int = 0) -> list[Row]:
        """The rows to evict, while `coming` more come; they are still there, and already remembered as evicted."""
        count = max(0, len(self) + coming - self.cap)
        times = self.columns[0]
        oldest = newest - self.retention
        while count * 8 < len(times) and _time(times, count * 8) < oldest:
            count += 1
        if not count:
            return []
        expired = self.rows(count)
        self.evicted_through = max(self.evicted_through, (expired[-1][0], expired[-1][1]))
        return expired

    def _replace_rows(self, first: int, last: int, packed: bytes) -> None:
        """Replace rows `first` up to `last` by `packed`, one row or none."""
        self.columns = [
            column[: first * width] + packed[part] + column[last * width :]
            for column, width, part in zip(self.columns, self.layout.widths, self.layout.slices, strict=True)
        ]


def _time(times: bytes, at: int) -> int:
    value: int = _TIME(times, at)[0]
    return value


def _index(times: bytes, ids: bytes, time: int, identity: int) -> int:
    """Where a row of that time and id belongs."""
    unpacked = struct.unpack(f"<{len(times) // 8}q", times)
    index = bisect_left(unpacked, time)
    while index < len(unpacked) and unpacked[index] == time and _identity(ids, index) < identity:
        index += 1
    return index


def _identity(ids: bytes, index: int) -> int:
    return int.from_bytes(ids[index * 8 : index * 8 + 8], "little")
