"""What a person may have meant who wrote a word that is none of those there are."""

from collections.abc import Iterable
from difflib import get_close_matches

from shared.confusables import described


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """The end of a message about `word`: a character in it that only looks right, else the word that is most like it;
    empty where nothing is.
    """
    foreign = next((character for character in word if not character.isascii()), None)
    if foreign is not None:
        return f"; in it stands {described(foreign)}"
    close = get_close_matches(word, list(words), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
