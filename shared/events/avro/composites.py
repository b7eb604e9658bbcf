"""Decoders of Avro's composite values, made of the decoders of what is inside; strict, as those of the primitives."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from shared.errors import Malformed, Problem
from shared.events.avro.primitives import Decoder, long, string, wrong


def record(fields: Sequence[tuple[str | None, Decoder]], defaults: Mapping[str, Any]) -> Decoder:
    """Decodes a dictionary: `defaults`, and the values of `fields` (name and decoder, in the order written). A field
    whose name is `None` is skipped.

    The decoder raises `Malformed`, naming the field, for whatever goes wrong with it.
    """

    def read(data: bytes, at: int) -> tuple[dict[str, Any], int]:
        values = dict(defaults)
        name: str | None = None
        try:
            for name, decode in fields:
                if name is None:
                    at = decode(data, at)[1]
                else:
                    values[name], at = decode(data, at)
        except (IndexError, struct.error):
            raise Malformed(Problem(_pointer(name), "more bytes expected")) from None
        except Malformed as error:
            raise Malformed(
                *(Problem(_pointer(name) + problem.field, problem.message) for problem in error.problems)
            ) from None
        return values, at

    return read


def _pointer(name: str | None) -> str:
    return f"/{name}" if name is not None else "/(a field not used here)"


def optional(decode: Decoder) -> Decoder:
    """Decodes a union of null and one other type, in this order."""

    def read(data: bytes, at: int) -> tuple[Any, int]:
        branch = data[at]
        if branch == 0:
            return None, at + 1
        if branch == 2:
            return decode(data, at + 1)
        raise wrong("null or one other type expected")

    return read


def union(branches: Sequence[Decoder]) -> Decoder:
    """Decodes the number of a branch, and its value by that one of `branches`."""

    def read(data: bytes, at: int) -> tuple[Any, int]:
        branch, at = long(data, at)
        if not 0 <= branch < len(branches):
            raise wrong(f"one of {len(branches)} types expected")
        return branches[branch](data, at)

    return read


def refused(expected: str) -> Decoder:
    """Refuses a value that the reader's schema has no place for: always raises `Malformed`."""

    def read(_data: bytes, _at: int) -> tuple[Any, int]:
        raise wrong(expected)

    return read


def enum(symbols: Sequence[str | None]) -> Decoder:
    """Decodes the number of a symbol: `symbols` has, for each number, what it is read as; `None` is refused."""

    def read(data: bytes, at: int) -> tuple[str, int]:
        number, at = long(data, at)
        symbol = symbols[number] if 0 <= number < len(symbols) else None
        if symbol is None:
            raise wrong("a symbol that is known expected")
        return symbol, at

    return read


def array(item: Decoder) -> Decoder:
    """Decodes blocks of items. An item without bytes is refused: a few bytes could claim millions of them."""

    def read(data: bytes, at: int) -> tuple[list[Any], int]:
        items = []
        count, at = _block(data, at)
        while count:
            for _ in range(count):
                before = at
                value, at = item(data, at)
                if at == before:
                    raise wrong("items that have bytes expected")
                items.append(value)
            count, at = _block(data, at)
        return items, at

    return read


def map_(value: Decoder) -> Decoder:
    """Decodes blocks of names with values."""

    def read(data: bytes, at: int) -> tuple[dict[str, Any], int]:
        entries = {}
        count, at = _block(data, at)
        while count:
            for _ in range(count):
                key, at = string(data, at)
                entries[key], at = value(data, at)
            count, at = _block(data, at)
        return entries, at

    return read


def _block(data: bytes, at: int) -> tuple[int, int]:
    """How many items follow, and the position after; a negative count is followed by their size in bytes, not used."""
    count, at = long(data, at)
    if count < 0:
        _, at = long(data, at)
    return abs(count), at
