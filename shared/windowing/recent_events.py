"""The tail: the most recent events of one state, in order, so that late, repeated and reversed ones come out right.

Rows stand in order of (time, id), one packed column per field, at most `cap` of them and none older than `KEEP` before
the newest. An event is taken if it is newer than what the tail has let go, and not in it already. A reversal takes its
row out and remembers the id, so that neither the event nor its reversal can count twice, in whichever order they come.
"""

import struct
from bisect import bisect_left
from typing import Any

import msgspec

from shared.times import DAY
from shared.windowing.columns import Layout, find
from shared.windowing.outcome import Outcome

KEEP = 35 * DAY
"""How long a row is kept: the longest window, and five days to look at the past."""

REVERSED_CAP = 64
"""Reversals remembered; one more, and what is older than the oldest of them is no longer taken."""

_REVERSED = struct.Struct("<qQ")
_TIME = struct.Struct("<q").unpack_from


class Tail(msgspec.Struct, array_like=True):
    """`columns` as the layout says; `through` is the last row let go; `reversed` packs (time, id) of reversals."""

    columns: list[bytes]
    through: tuple[int, int] = (-(2**63), 0)
    reversed: bytes = b""

    def __len__(self) -> int:
        return len(self.columns[0]) // 8

    def newest(self) -> int:
        """The time of the newest row, or of the last one let go."""
        return _time(self.columns[0], -8) if self.columns[0] else self.through[0]


def empty(layout: Layout) -> Tail:
    """A tail without rows."""
    return Tail([b""] * len(layout.formats))


def insert(tail: Tail, layout: Layout, row: tuple[Any, ...]) -> tuple[Outcome, list[tuple[Any, ...]]]:
    """Take one row; also returns the rows let go for it, the oldest first."""
    time, identity = row[0], row[1]
    times, ids = tail.columns[0], tail.columns[1]
    last = tail.newest()
    newest = max(last, time)
    if (time, identity) <= tail.through or time < newest - KEEP:
        return Outcome.TOO_OLD, []
    needle = identity.to_bytes(8, "little")
    if find(ids, needle) >= 0:
        return Outcome.DUPLICATE, []
    if tail.reversed and find(tail.reversed, needle, 8) >= 0:
        return Outcome.REVERSED, []
    packed = layout.row.pack(*row)
    if times and time <= last:
        place = _place(times, ids, time, identity)
        _splice(tail, layout, place, place, packed)
        return Outcome.FOLDED, let_go(tail, layout, newest)
    gone = _leaving(tail, layout, newest, coming=1)
    columns = tail.columns
    if gone:
        first = len(gone)
        columns = [column[first * width :] for column, width in zip(columns, layout.widths, strict=True)]
    tail.columns = [column + packed[part] for column, part in zip(columns, layout.parts, strict=True)]
    return Outcome.FOLDED, gone


def reverse(tail: Tail, layout: Layout, identity: int, at: int | None, time: int) -> Outcome:
    """Take out the row `identity` of time `at`, if known, reversed at `time`; unseen yet, it will never be taken."""
    needle = identity.to_bytes(8, "little")
    if find(tail.reversed, needle, 8) >= 0:
        return Outcome.DUPLICATE
    place = find(tail.columns[1], needle)
    if place >= 0:
        _splice(tail, layout, place, place + 1, b"")
    elif (time if at is None else at, identity) <= tail.through:
        return Outcome.TOO_OLD
    kept = sorted([*_REVERSED.iter_unpack(tail.reversed), (time, identity)])
    if len(kept) > REVERSED_CAP:
        tail.through = max(tail.through, kept[0])
    tail.reversed = b"".join(_REVERSED.pack(*each) for each in kept[-REVERSED_CAP:])
    return Outcome.FOLDED if place >= 0 else Outcome.WAITING


def let_go(tail: Tail, layout: Layout, newest: int) -> list[tuple[Any, ...]]:
    """Remove and return the rows beyond the cap or older than `KEEP` before `newest`, the oldest first."""
    gone = _leaving(tail, layout, newest)
    if gone:
        _splice(tail, layout, 0, len(gone), b"")
    return gone


def _leaving(tail: Tail, layout: Layout, newest: int, coming: int = 0) -> list[tuple[Any, ...]]:
    """The rows to let go, while `coming` more come; they are still there, and already remembered as let go."""
    count = max(0, len(tail) + coming - layout.cap)
    times = tail.columns[0]
    while count * 8 < len(times) and _time(times, count * 8) < newest - KEEP:
        count += 1
    if not count:
        return []
    gone = rows(tail, layout, count)
    tail.through = max(tail.through, (gone[-1][0], gone[-1][1]))
    return gone


def rows(tail: Tail, layout: Layout, count: int) -> list[tuple[Any, ...]]:
    """The first `count` rows."""
    columns = [
        struct.unpack_from("<" + code * count, column)
        for code, column in zip(layout.formats, tail.columns, strict=True)
    ]
    return list(zip(*columns, strict=True))


def _time(times: bytes, at: int) -> int:
    value: int = _TIME(times, at)[0]
    return value


def _place(times: bytes, ids: bytes, time: int, identity: int) -> int:
    unpacked = struct.unpack(f"<{len(times) // 8}q", times)
    place = bisect_left(unpacked, time)
    while place < len(unpacked) and unpacked[place] == time and _identity(ids, place) < identity:
        place += 1
    return place


def _identity(ids: bytes, place: int) -> int:
    return int.from_bytes(ids[place * 8 : place * 8 + 8], "little")


def _splice(tail: Tail, layout: Layout, first: int, last: int, packed: bytes) -> None:
    """Replace rows `first` up to `last` by `packed`, one row or none."""
    tail.columns = [
        column[: first * width] + packed[part] + column[last * width :]
        for column, width, part in zip(tail.columns, layout.widths, layout.parts, strict=True)
    ]
