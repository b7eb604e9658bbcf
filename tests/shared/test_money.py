"""Decimals of currencies, as ISO 4217 lists them."""

import pytest

from shared.money import minor_digits


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("JPY", 0), ("XPF", 0), ("KWD", 3), ("CLF", 4), ("XXX", 2)]
)
def test_a_currency_has_two_decimals_but_for_those_listed_otherwise(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits
