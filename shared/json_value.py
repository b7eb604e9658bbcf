"""JSON as it comes from elsewhere: a file, a body, an argument of a command."""

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from shared.errors import Malformed, Problem
from shared.json_pointer import escaped

NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for a text that is no JSON, or JSON that is nested deeper than it reads."""

_EXACT = 2**53  # below it every whole number has a float of its own


def _number(text: str) -> int | float:
    """A number as JSON means it: 1250, 1250.0 and 1.25e3 are one and the same (RFC 8259, JSON Schema's `integer`)."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number out of range")
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


_decode = msgspec.json.Decoder(float_hook=_number).decode
_decode_anything = msgspec.json.Decoder(float_hook=float).decode


def json_value(text: bytes | str) -> Any:
    """The value in a text. Raises `Malformed`, naming the field, for a number that no float holds; `NO_JSON`."""
    try:
        return _decode(text)
    except msgspec.ValidationError as error:  # never for what is no JSON: nothing but numbers is checked
        raise Malformed(Problem(_out_of_range(text), "a number of at most 1.79e308 expected")) from error


def _out_of_range(text: bytes | str) -> str:
    """The pointer of the first number that is out of range; empty where it is an int that is too long to be read."""
    try:
        return next(_infinite(_decode_anything(text), ""), "")
    except NO_JSON:
        return ""


def _infinite(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, float) and math.isinf(value):
        yield pointer
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in members:
        yield from _infinite(below, f"{pointer}/{escaped(name)}")
