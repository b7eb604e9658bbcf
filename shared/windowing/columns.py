"""Packed columns: one field of many rows in one string of bytes, each entry of the same width."""

import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise


class Layout:
    """The columns of a tail: `formats` are struct codes, the first two `q` (time) and `Q` (id)."""

    __slots__ = ("cap", "formats", "parts", "row", "widths")

    def __init__(self, formats: Sequence[str], cap: int) -> None:
        self.formats = tuple(formats)
        self.cap = cap
        self.row = struct.Struct("<" + "".join(formats))
        ends = (0, *accumulate(struct.calcsize("<" + code) for code in formats))
        self.parts = tuple(slice(start, end) for start, end in pairwise(ends))
        self.widths = tuple(part.stop - part.start for part in self.parts)


def find(column: bytes, needle: bytes, offset: int = 0) -> int:
    """The first place of the packed value `needle` in `column`, -1 without; an entry is `offset` bytes wider."""
    width = len(needle) + offset
    at = column.find(needle)
    while at >= 0 and at % width != offset:
        at = column.find(needle, at + 1)
    return at // width if at >= 0 else -1
