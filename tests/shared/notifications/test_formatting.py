"""In which language is written, and how amounts and days are."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import Money
from shared.notifications.formatting import amount, day, moment, negotiate, number

OFFERED = {"en": "", "de": "", "fr": "", "zh-hant": ""}


@pytest.mark.parametrize(
    ("preferred", "expected"),
    [
        (("de-AT",), "de"), (("fr_CH",), "fr"), (("zh-Hant-TW",), "zh-hant"), (("nl-BE", "fr"), "fr"),
        ((None, "de"), "de"), (("nl", "sk"), "en"), ((), "en"), (("DE",), "de"), (("",), "en"), (("zh",), "en"),
    ],
)  # fmt: skip
def test_the_first_wish_that_there_is_something_for_counts_then_english(preferred: tuple[str], expected: str) -> None:
    assert negotiate(OFFERED, *preferred) == expected


@pytest.mark.parametrize(
    ("minor", "currency", "language", "expected"),
    [
        (123450, "EUR", "en", "EUR\u00a01,234.50"), (123450, "EUR", "de", "1.234,50\u00a0EUR"),
        (123450, "EUR", "fr", "1\u00a0234,50\u00a0EUR"), (5, "EUR", "de", "0,05\u00a0EUR"),
        (1234, "JPY", "en", "JPY\u00a01,234"), (1234, "KWD", "de", "1,234\u00a0KWD"),
        (-250, "CHF", "de", "-2,50\u00a0CHF"),
        (123450, "EUR", "sk", "1\u00a0234.50\u00a0EUR"),
    ],
)  # fmt: skip
def test_an_amount_is_written_as_its_language_writes_it(
    minor: int, currency: str, language: str, expected: str
) -> None:
    assert amount(Money(minor, currency), language) == expected


@given(
    minor=st.integers(-(10**15), 10**15),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "CLF"]),
    language=st.sampled_from(["en", "de", "fr", "sk"]),
)
def test_no_digit_of_an_amount_is_lost(minor: int, currency: str, language: str) -> None:
    digits = "".join(character for character in amount(Money(minor, currency), language) if character.isdecimal())
    assert int(digits) == abs(minor)


def test_days_and_moments_are_read_alike_everywhere() -> None:
    time = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    assert [day(time, language) for language in ("en", "de", "fr", "sk")] == [
        "2026-02-03", "03.02.2026", "03/02/2026", "2026-02-03",
    ]  # fmt: skip
    assert (moment(time, "de-AT"), number(12345, "en")) == ("03.02.2026, 04:05", "12,345")
