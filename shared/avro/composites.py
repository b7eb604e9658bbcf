"""Avro's composite values, read strictly: readings made of other readings, each settled before the first byte comes."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from shared.avro.primitives import Reading, long, string, wrong
from shared.errors import Malformed, Problem


def record(fields: Sequence[tuple[str | None, Reading]], defaults: Mapping[str, Any]) -> Reading:
    """A dictionary of the values of `fields`, in the order they were written, over `defaults`; no name: skipped.

    Whatever goes wrong with a field is a `Malformed` that names it.
    """

    def read(data: bytes, at: int) -> tuple[dict[str, Any], int]:
        found = dict(defaults)
        name: str | None = None
        try:
            for name, reading in fields:
                if name is None:
                    at = reading(data, at)[1]
                else:
                    found[name], at = reading(data, at)
        except (IndexError, struct.error):
            raise Malformed(Problem(_pointer(name), "more bytes expected")) from None
        except Malformed as error:
            raise Malformed(*(Problem(_pointer(name) + each.field, each.message) for each in error.problems)) from None
        return found, at

    return read


def _pointer(name: str | None) -> str:
    return f"/{name}" if name is not None else "/(a field not used here)"


def optional(reading: Reading) -> Reading:
    """A union of null and one other type, in this order."""

    def read(data: bytes, at: int) -> tuple[Any, int]:
        branch = data[at]
        if branch == 0:
            return None, at + 1
        if branch == 2:
            return reading(data, at + 1)
        raise wrong("null or one other type expected")

    return read


def union(branches: Sequence[Reading]) -> Reading:
    """The number of a branch, and its value."""

    def read(data: bytes, at: int) -> tuple[Any, int]:
        branch, at = long(data, at)
        if not 0 <= branch < len(branches):
            raise wrong(f"one of {len(branches)} types expected")
        return branches[branch](data, at)

    return read


def refused(expected: str) -> Reading:
    """What was written in good faith, and fits nothing here."""

    def read(_data: bytes, _at: int) -> tuple[Any, int]:
        raise wrong(expected)

    return read


def enum(symbols: Sequence[str | None]) -> Reading:
    """The number of a symbol: `symbols` has, for each that may be written, what it is read as; `None` for nothing."""

    def read(data: bytes, at: int) -> tuple[str, int]:
        number, at = long(data, at)
        symbol = symbols[number] if 0 <= number < len(symbols) else None
        if symbol is None:
            raise wrong("a symbol that is known expected")
        return symbol, at

    return read


def array(item: Reading) -> Reading:
    """Blocks of items. An item has bytes: what has none could be claimed by the million."""

    def read(data: bytes, at: int) -> tuple[list[Any], int]:
        found = []
        count, at = _block(data, at)
        while count:
            for _ in range(count):
                before = at
                value, at = item(data, at)
                if at == before:
                    raise wrong("items that have bytes expected")
                found.append(value)
            count, at = _block(data, at)
        return found, at

    return read


def map_(value: Reading) -> Reading:
    """Blocks of names with values."""

    def read(data: bytes, at: int) -> tuple[dict[str, Any], int]:
        found = {}
        count, at = _block(data, at)
        while count:
            for _ in range(count):
                key, at = string(data, at)
                found[key], at = value(data, at)
            count, at = _block(data, at)
        return found, at

    return read


def _block(data: bytes, at: int) -> tuple[int, int]:
    """How many items follow; a negative number is followed by their size in bytes, which nobody needs here."""
    count, at = long(data, at)
    if count < 0:
        _, at = long(data, at)
    return abs(count), at
