"""Decoders of Avro's primitive values, strict: each value has one encoding, and no other is taken.

A decoder takes bytes and a position, and gives the value and the position after it. Where the bytes end too soon it
raises `IndexError`, `struct.error` or `Malformed`; the record's decoder makes one error of them, with the field's name.
Source: https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
"""

from collections.abc import Callable
from struct import Struct
from typing import Any

from shared.errors import Malformed, Problem

Decoder = Callable[[bytes, int], tuple[Any, int]]

_INT, _LONG = 1 << 31, 1 << 63
_MAX_BYTES = 10  # of a number of 64 bits, seven in each

_float, _double = Struct("<f").unpack_from, Struct("<d").unpack_from


def wrong(expected: str) -> Malformed:
    """The error for the value being decoded; the caller that knows the field adds its name."""
    return Malformed(Problem("", expected))


def null(_data: bytes, at: int) -> tuple[None, int]:
    """Nothing, in no bytes."""
    return None, at


def boolean(data: bytes, at: int) -> tuple[bool, int]:
    """One byte, 0 or 1."""
    byte = data[at]
    if byte > 1:
        raise wrong("0 or 1 expected")
    return byte == 1, at + 1


def long(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag number of 64 bits in as few bytes as it takes."""
    byte = data[at]
    at += 1
    if byte < 0x80:
        return byte >> 1 ^ -(byte & 1), at
    number, shift = byte & 0x7F, 7
    while byte >= 0x80:
        if shift == 7 * _MAX_BYTES:
            raise wrong("a number of at most 64 bits expected")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
    if byte == 0 or number >= 2 * _LONG:
        raise wrong("a number of at most 64 bits, in as few bytes as it takes, expected")
    return number >> 1 ^ -(number & 1), at


def integer(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag number of 32 bits."""
    number, at = long(data, at)
    if not -_INT <= number < _INT:
        raise wrong("a number of at most 32 bits expected")
    return number, at


def float_(data: bytes, at: int) -> tuple[float, int]:
    """Four bytes, IEEE 754."""
    return _float(data, at)[0], at + 4


def double(data: bytes, at: int) -> tuple[float, int]:
    """Eight bytes, IEEE 754."""
    return _double(data, at)[0], at + 8


def bytes_(data: bytes, at: int) -> tuple[bytes, int]:
    """A length, and so many bytes."""
    size, at = long(data, at)
    end = at + size
    if not at <= end <= len(data):
        raise wrong("as many bytes as its length says expected")
    return data[at:end], end


def string(data: bytes, at: int) -> tuple[str, int]:
    """A length, and so many bytes of UTF-8."""
    size = data[at]
    if size & 0x81:  # long, or negative
        size, at = long(data, at)
    else:
        size >>= 1
        at += 1
    end = at + size
    if not at <= end <= len(data):
        raise wrong("as many bytes as its length says expected")
    try:
        return data[at:end].decode(), end
    except UnicodeDecodeError:
        raise wrong("UTF-8 expected") from None


def fixed(size: int) -> Decoder:
    """`size` bytes."""

    def read(data: bytes, at: int) -> tuple[bytes, int]:
        end = at + size
        if end > len(data):
            raise wrong(f"{size} bytes expected")
        return data[at:end], end

    return read


PRIMITIVES: dict[str, Decoder] = {
    "null": null,
    "boolean": boolean,
    "int": integer,
    "long": long,
    "float": float_,
    "double": double,
    "bytes": bytes_,
    "string": string,
}
"""The decoder of each primitive type, by its name."""
