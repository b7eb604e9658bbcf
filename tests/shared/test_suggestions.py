"""What is suggested for a word that is none."""

import pytest

from shared.suggestions import did_you_mean

WORDS = ("client.count_1h", "client.country", "merchant.category")


@pytest.mark.parametrize(
    ("word", "ending"),
    [
        ("client.contry", "; did you mean 'client.country'?"),
        ("weather", ""),
        ("\u0441lient.country", "; in it stands '\u0441' (U+0441 CYRILLIC SMALL LETTER ES, which looks like 'c')"),
        ("client\u200b.country", "; in it stands a character that nobody sees (U+200B ZERO WIDTH SPACE)"),
    ],
)
def test_it_is_the_most_similar_word_or_the_character_that_only_looks_right(word: str, ending: str) -> None:
    assert did_you_mean(word, WORDS) == ending
