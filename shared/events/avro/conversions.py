"""Conversions of what banks write into minor units, microseconds and days; each is exact, or raises `Invalid`."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from shared.events.avro.field_path import FieldPath
from shared.events.avro.fields import FIRST_DAY, mismatch
from shared.times import microseconds

Conversion = Callable[[Any], Any]
ToMinor = Callable[[Any, int], int]
"""Takes a value and the number of decimals of the currency's major unit, and gives minor units."""

_DECIMAL = re.compile(r"([+-]?[0-9]{1,18})(?:\.([0-9]{1,18}))?", re.ASCII)
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NOISE = 0.001  # of a minor unit: what is left over when a decimal is held by a double
_MAX_BYTES = 16  # of a decimal: 38 digits

_MICROSECONDS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
_LOGICAL = {"timestamp-millis": "epoch_ms", "timestamp-micros": "epoch_us", "date": "epoch_days"}
"""The option that each of Avro's logical types stands for: a mapping may not contradict it."""


def time(source: FieldPath, written: str | None) -> Conversion:
    """Converts a time `written` as the mapping says into microseconds since 1970. Raises `Invalid` where the source
    cannot hold one.
    """
    _agrees(source, written, "time")
    if written == "rfc3339" and source.is_one_of("string"):
        return _rfc3339
    if written not in _MICROSECONDS or not source.is_one_of("int", "long"):
        raise mismatch("time: epoch_s, epoch_ms or epoch_us of a number, or rfc3339 of text, expected")
    factor = _MICROSECONDS[written]
    return lambda value: value * factor


def day(source: FieldPath, written: str | None) -> Conversion:
    """Converts a day `written` as the mapping says into days since 1970. Raises `Invalid` where the source cannot hold
    one.
    """
    _agrees(source, written, "day")
    if written == "iso8601" and source.is_one_of("string"):
        return _iso8601
    if written != "epoch_days" or not source.is_one_of("int", "long"):
        raise mismatch("day: epoch_days of a number, or iso8601 of text, expected")
    return lambda value: value


def _agrees(source: FieldPath, written: str | None, option: str) -> None:
    meant = _LOGICAL.get(source.logical or "")
    if meant is not None and written != meant:
        raise mismatch(f"{option}: {meant} expected, for the schema says {source.logical}")


def _rfc3339(value: str) -> int:
    try:
        at = datetime.fromisoformat(value.upper()) if _RFC3339.fullmatch(value) else None
    except ValueError:
        at = None
    if at is None:
        raise mismatch("a time like 2026-11-22T09:30:00+01:00 expected")
    return microseconds(at)


def _iso8601(value: str) -> int:
    try:
        on = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        on = None
    if on is None:
        raise mismatch("a day like 2026-11-22 expected")
    return (on - FIRST_DAY).days


def minor(source: FieldPath, unit: str | None) -> ToMinor:
    """Converts an amount in `unit` (`major` or `minor`) into minor units. Raises `Invalid` for another unit or type."""
    if unit is None:
        raise mismatch("unit: major or minor expected")
    if source.is_one_of("double"):
        if unit == "minor":
            raise mismatch("minor units as whole numbers expected")
        return _of_double
    unscaled = _unscaled(source)
    major = unit == "major"

    def convert(value: Any, digits: int) -> int:
        number, scale = unscaled(value)
        return _shifted(number, scale, digits if major else 0)

    return convert


def negative(source: FieldPath) -> Callable[[Any], bool]:
    """Tells whether an amount is below zero. Raises `Invalid` where the source is no amount."""
    if source.is_one_of("double"):
        return lambda value: bool(value < 0)
    unscaled = _unscaled(source)
    return lambda value: unscaled(value)[0] < 0


def _unscaled(source: FieldPath) -> Callable[[Any], tuple[int, int]]:
    """Reads an amount as a whole number and how many of its digits are decimals."""
    if source.is_one_of("int", "long"):
        return lambda value: (value, 0)
    if source.is_one_of("string"):
        return _of_text
    if source.is_one_of("decimal"):
        scale = source.scale
        return lambda value: (_of_bytes(value), scale)
    raise mismatch(f"an amount expected, {source.pointer} is a {source.kind}")


def _of_text(value: str) -> tuple[int, int]:
    match = _DECIMAL.fullmatch(value)
    if match is None:
        raise mismatch("a decimal number like -12.50 expected")
    whole, decimals = match[1], match[2] or ""
    return int(whole + decimals), len(decimals)


def _of_bytes(value: bytes) -> int:
    if not 0 < len(value) <= _MAX_BYTES:
        raise mismatch(f"a decimal of 1 to {_MAX_BYTES} bytes expected")
    return int.from_bytes(value, "big", signed=True)


def _of_double(value: float, digits: int) -> int:
    shifted = value * float(10**digits)
    try:
        nearest = round(shifted)
    except (OverflowError, ValueError):
        raise mismatch("a finite number expected") from None
    if abs(shifted - nearest) > _NOISE:
        raise mismatch(f"at most {digits} decimals expected")
    return nearest


def _shifted(number: int, scale: int, digits: int) -> int:
    if scale <= digits:
        return number * int(10 ** (digits - scale))
    shifted, rest = divmod(number, int(10 ** (scale - digits)))
    if rest:
        raise mismatch(f"at most {digits} decimals expected")
    return shifted
