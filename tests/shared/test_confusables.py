"""A character is described to a person who has to find it; what texts read like is in the content filter's suite."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.confusables import described


@pytest.mark.parametrize(
    ("character", "description"),
    [
        ("\u0430", "'\u0430' (U+0430 CYRILLIC SMALL LETTER A, which looks like 'a')"),
        ("\uff06", "'\uff06' (U+FF06 FULLWIDTH AMPERSAND, which looks like '&')"),
        ("\u2265", "'\u2265' (U+2265 GREATER-THAN OR EQUAL TO)"),
        ("\u202e", "a character that nobody sees (U+202E RIGHT-TO-LEFT OVERRIDE)"),
        ("\u0301", "a character that nobody sees (U+0301 COMBINING ACUTE ACCENT)"),
        ("\x1b", "a character that nobody sees (U+001B)"),
    ],
)
def test_it_is_told_by_sight_code_point_name_and_look(character: str, description: str) -> None:
    assert described(character) == description


@given(st.characters())
def test_no_description_holds_a_character_that_is_not_printed(character: str) -> None:
    assert described(character).isprintable()
