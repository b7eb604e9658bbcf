"""The types that fields of events have: how a value of a record is checked and read, and how it is written.

Records hold times in microseconds, and days in days, since 1970.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum, StrEnum
from typing import Any

import msgspec

from shared.errors import Invalid, Problem
from shared.money import Money
from shared.times import EPOCH, microseconds

MAX_MINOR = 10**15
"""The largest amount or balance, positive or negative, in minor units: ten thousand billion euros."""

MAX_ID = 128
"""Characters of an id; the same limit as in the questions that banks ask."""

FIRST_DAY = EPOCH.date()
_NO_EARLIER, _NO_LATER = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_FIRST_EVENT = datetime(1980, 1, 1, tzinfo=UTC)  # in a wrong unit, seconds for milliseconds, today is in 1970


class FieldType(Enum):
    """The type of a field; the values are used in messages."""

    TEXT = "text"
    WORD = "one of some words"
    FLAG = "true or false"
    INTEGER = "a whole number"
    NUMBER = "a number"
    TIME = "a time"
    DAY = "a day"
    MINOR = "minor units"
    MONEY = "minor units and a currency"


class Field(msgspec.Struct, frozen=True):
    """One field. `read` converts the record's value into the event's and raises `Invalid` for one it may not have;
    `write` is its inverse. `words` are the values that a `WORD` may have.
    """

    type: FieldType
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    words: frozenset[str] = frozenset()


def mismatch(message: str, field: str = "") -> Invalid:
    """The error for one value, at the pointer `field` inside it; the caller that knows the field's name adds it."""
    return Invalid(Problem(field, message))


def _same(value: Any) -> Any:
    return value


def text(pattern: str, message: str) -> Field:
    """A field of text that matches `pattern`; `message` says so to who sends another."""
    matches = re.compile(pattern).fullmatch

    def read(value: str) -> str:
        if matches(value) is None:
            raise mismatch(message)
        return value

    return Field(FieldType.TEXT, read, _same)


def _read_id(value: str) -> str:
    if 0 < len(value) <= MAX_ID:
        return value
    raise mismatch(f"1 to {MAX_ID} characters expected")


def word(words: type[StrEnum]) -> Field:
    """A field of one of few words."""
    meanings = {str(meaning): meaning for meaning in words}

    def read(value: str) -> StrEnum:
        meaning = meanings.get(value)
        if meaning is None:
            raise mismatch(f"one of {', '.join(meanings)} expected")
        return meaning

    return Field(FieldType.WORD, read, str, frozenset(meanings))


def integer(minimum: int, maximum: int, type_: FieldType = FieldType.INTEGER) -> Field:
    """A field of a whole number from `minimum` to `maximum`, both included."""

    def read(value: int) -> int:
        if not minimum <= value <= maximum:
            raise mismatch(f"a whole number from {minimum} to {maximum} expected")
        return value

    return Field(type_, read, _same)


def number(minimum: float, maximum: float) -> Field:
    """A field of a number from `minimum` to `maximum`, both included."""

    def read(value: float) -> float:
        if not minimum <= value <= maximum:  # NaN neither
            raise mismatch(f"a number from {minimum:g} to {maximum:g} expected")
        return value

    return Field(FieldType.NUMBER, read, _same)


def money(minimum: int) -> Field:
    """A field of money, at least `minimum` minor units: a record of `minor` and `currency`."""
    minor, currency = integer(minimum, MAX_MINOR).read, CURRENCY.read

    def read(value: Mapping[str, Any]) -> Money:
        problems = []
        for name, check in (("minor", minor), ("currency", currency)):
            try:
                check(value[name])
            except Invalid as error:
                problems.append(Problem(f"/{name}", error.problems[0].message))
        if problems:
            raise Invalid(*problems)
        return Money(value["minor"], value["currency"])

    return Field(FieldType.MONEY, read, lambda value: {"minor": value.minor, "currency": value.currency})


def _read_flag(value: bool | None) -> bool:
    if value is None:
        raise mismatch("true or false expected")
    return value


def _time(earliest: datetime) -> Field:
    first, last = (microseconds(bound) for bound in (earliest, _NO_LATER))

    def read(value: int) -> datetime:
        if not first <= value < last:
            raise mismatch(f"a time in the years {earliest.year} to {_NO_LATER.year - 1} expected")
        return EPOCH + timedelta(0, 0, value)

    return Field(FieldType.TIME, read, microseconds)


def _read_day(value: int) -> date:
    if not (_NO_EARLIER - EPOCH).days <= value < (_NO_LATER - EPOCH).days:
        raise mismatch(f"a day in the years {_NO_EARLIER.year} to {_NO_LATER.year - 1} expected")
    return FIRST_DAY + timedelta(value)


ID = Field(FieldType.TEXT, _read_id, _same)
CURRENCY = text("[A-Z]{3}", "three capital letters (ISO 4217) expected")
COUNTRY = text("[A-Z]{2}", "two capital letters (ISO 3166-1) expected")
CATEGORY = text("[0-9]{4}", "four digits (ISO 18245) expected")
FLAG = Field(FieldType.FLAG, _read_flag, _same)
TIME, EVENT_TIME = _time(_NO_EARLIER), _time(_FIRST_EVENT)
DAY = Field(FieldType.DAY, _read_day, lambda value: (value - FIRST_DAY).days)
MINOR = integer(-MAX_MINOR, MAX_MINOR, FieldType.MINOR)
AMOUNT, BALANCE = money(0), money(-MAX_MINOR)
