"""In which language a client is written to, and how amounts and times are written in it."""

from collections.abc import Container
from datetime import datetime

import msgspec

from shared.money import Money, minor_digits

FALLBACK = "en"
"""The language that every template has."""


class NumberFormat(msgspec.Struct, frozen=True):
    """How a language groups digits and marks decimals, whether a currency stands first, and its days (strftime)."""

    group: str
    decimal: str
    currency_first: bool
    day: str


_ISO_DAY = "%Y-%m-%d"  # read alike by whoever writes the day first and whoever writes the month first
_NO_BREAK = "\u00a0"
_FORMS = {
    "en": NumberFormat(",", ".", currency_first=True, day=_ISO_DAY),
    "de": NumberFormat(".", ",", currency_first=False, day="%d.%m.%Y"),
    "fr": NumberFormat(_NO_BREAK, ",", currency_first=False, day="%d/%m/%Y"),
}
_DEFAULT = NumberFormat(_NO_BREAK, ".", currency_first=False, day=_ISO_DAY)


def negotiate(offered: Container[str], *preferred: str | None) -> str:
    """The first of `preferred` that is `offered`, each tried with ever fewer subtags (RFC 4647, 3.4), or `FALLBACK`.

    Tags are those of BCP 47: `nl-BE` is `nl-be`, then `nl`.
    """
    for tag in preferred:
        subtags = (tag or "").lower().replace("_", "-").split("-")
        for count in range(len(subtags), 0, -1):
            candidate = "-".join(subtags[:count])
            if candidate in offered:
                return candidate
    return FALLBACK


def amount(money: Money, language: str) -> str:
    """`money` as it is written: `EUR 1,234.50`, `1.234,50 EUR`; a sign stands first."""
    form, decimals = _form(language), minor_digits(money.currency)
    whole, part = divmod(abs(money.minor), 10**decimals)
    number = f"{whole:,}".replace(",", form.group) + (f"{form.decimal}{part:0{decimals}}" if decimals else "")
    signed = f"-{number}" if money.minor < 0 else number
    return f"{money.currency}{_NO_BREAK}{signed}" if form.currency_first else f"{signed}{_NO_BREAK}{money.currency}"


def number(value: int, language: str) -> str:
    """`value` with its digits in groups."""
    return f"{value:,}".replace(",", _form(language).group)


def day(time: datetime, language: str) -> str:
    """The day of `time` in its own zone."""
    return time.strftime(_form(language).day)


def moment(time: datetime, language: str) -> str:
    """Day, hour and minute of `time` in its own zone."""
    return f"{day(time, language)}, {time:%H:%M}"


def _form(language: str) -> NumberFormat:
    return _FORMS.get(language.partition("-")[0], _DEFAULT)
