"""A JSON body, parsed."""

import math
from typing import Any

import msgspec

from shared.errors import Malformed, Problem

_EXACT = 2**53  # below it every whole number has a float of its own


def _number(text: str) -> int | float:
    """A number as JSON means it: 1250, 1250.0 and 1.25e3 are one and the same (RFC 8259, JSON Schema's `integer`)."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number out of range")
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


_decode = msgspec.json.Decoder(float_hook=_number).decode


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; raises `Malformed` where it is not JSON, or JSON but not an object."""
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(Problem("", "the body is not JSON")) from error
    if not isinstance(value, dict):
        raise Malformed(Problem("", "the body is JSON, but not an object"))
    return value
