"""The variables of templates: each has a type, is checked as such, and is written as a client's language writes it."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any

import msgspec

from shared.errors import Invalid, Problem
from shared.money import Money
from shared.notifications import formatting
from shared.times import in_zone, parse_time

MAX_TEXT = 60
"""Characters of a variable of type text."""

_MAX_MINOR = 10**12
_MAX_INTEGER = 999_999  # of a whole number: a longer one may be that of a telephone
_CURRENCY = re.compile(r"[A-Z]{3}")
_FOUR = re.compile(r"[0-9]{4}")


class Type(StrEnum):
    """What a variable may be."""

    TEXT = "text"
    """One line of at most `MAX_TEXT` characters."""

    INTEGER = "integer"
    """From 0 to 999,999."""

    MONEY = "money"
    """`{"minor": 1250, "currency": "EUR"}`."""

    DAY = "day"
    """The day of an RFC 3339 time in the client's time zone."""

    MOMENT = "moment"
    """Day, hour and minute of one."""

    LAST_FOUR = "last_four"
    """The last four digits of a card."""


class FormattedValue(msgspec.Struct, frozen=True):
    """A variable in a text; `plain` where a number in it may be anybody's, and is looked at by the gate as such."""

    text: str
    plain: bool


def values(types: Mapping[str, Type], variables: Mapping[str, Any]) -> dict[str, Any]:
    """`variables`, each a value of its type; raises `Invalid` with each that is wrong, missing or unknown."""
    problems = [Problem(_field(name), "no such variable in the template") for name in variables.keys() - types.keys()]
    checked = {}
    for name, kind in types.items():
        value = _READ[kind](variables[name]) if name in variables else None
        if value is None:
            problems.append(Problem(_field(name), f"expected: {_EXPECTED[kind]}"))
        checked[name] = value
    if problems:
        raise Invalid(*sorted(problems, key=lambda problem: problem.field))
    return checked


def format_value(kind: Type, value: Any, language: str, zone: tzinfo) -> FormattedValue:
    """A value of `kind` as `language` writes it, times as of `zone`."""
    match kind:
        case Type.MONEY:
            return FormattedValue(formatting.amount(value, language), plain=False)
        case Type.DAY:
            return FormattedValue(formatting.day(in_zone(value, zone), language), plain=False)
        case Type.MOMENT:
            return FormattedValue(formatting.moment(in_zone(value, zone), language), plain=False)
        case Type.INTEGER:
            return FormattedValue(formatting.number(value, language), plain=True)
        case _:
            return FormattedValue(value, plain=True)


def _field(name: str) -> str:
    return f"/payload/variables/{name}"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() and len(value) <= MAX_TEXT else None


def _integer(value: Any, most: int = _MAX_INTEGER) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None


def _money(value: Any) -> Money | None:
    if not isinstance(value, Mapping) or value.keys() != {"minor", "currency"}:
        return None
    minor, currency = _integer(value["minor"], _MAX_MINOR), value["currency"]
    is_currency = isinstance(currency, str) and _CURRENCY.fullmatch(currency)
    return Money(minor, currency) if minor is not None and is_currency else None


def _time(value: Any) -> datetime | None:
    try:
        time = parse_time(value)
    except ValueError:
        return None
    return time if 1970 < time.year < 9000 else None


def _last_four(value: Any) -> str | None:
    return value if isinstance(value, str) and _FOUR.fullmatch(value) else None


_READ: Mapping[Type, Callable[[Any], Any]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.MONEY: _money,
    Type.DAY: _time,
    Type.MOMENT: _time,
    Type.LAST_FOUR: _last_four,
}
_EXPECTED: Mapping[Type, str] = {
    Type.TEXT: f"text of 1 to {MAX_TEXT} characters",
    Type.INTEGER: f"a whole number from 0 to {_MAX_INTEGER}",
    Type.MONEY: "an amount, as minor units from 0 and a currency (ISO 4217)",
    Type.DAY: "a time with an offset (RFC 3339)",
    Type.MOMENT: "a time with an offset (RFC 3339)",
    Type.LAST_FOUR: "four digits",
}
