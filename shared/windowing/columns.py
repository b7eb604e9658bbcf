"""Packed columns: one field of many rows in one string of bytes, each entry of the same width."""

import struct
from itertools import accumulate, pairwise


class Layout:
    """The columns of rows: `formats` are the codes of `struct`, one for each column, little-endian."""

    __slots__ = ("formats", "row", "slices", "widths")

    def __init__(self, *formats: str) -> None:
        self.formats = formats
        self.row = struct.Struct("<" + "".join(formats))
        ends = (0, *accumulate(struct.calcsize("<" + code) for code in formats))
        self.slices = tuple(slice(start, end) for start, end in pairwise(ends))
        """Where the entry of each column lies in a packed row."""
        self.widths = tuple(part.stop - part.start for part in self.slices)


def find(column: bytes, needle: bytes, offset: int = 0) -> int:
    """The index of the first entry that is `needle`, -1 without; `offset` bytes of each entry come before it."""
    width = len(needle) + offset
    at = column.find(needle)
    while at >= 0 and at % width != offset:
        at = column.find(needle, at + 1)
    return at // width if at >= 0 else -1
