"""Names of people and shops, put together from syllables; none is meant to be real."""

from random import Random

_STARTS = (
    "Al", "Be", "Ca", "Da", "El", "Fa", "Ga", "He", "Il", "Jo", "Ka", "Le", "Ma", "No", "Or", "Pe", "Ra", "Sa", "Ta"
)  # fmt: skip
_MIDDLES = ("ba", "da", "la", "li", "lo", "me", "mi", "na", "ne", "ra", "ri", "ro", "sa", "ta", "vi")
_ENDS = ("n", "s", "ra", "na", "lis", "do", "ma", "ne", "rin", "to", "sa", "ve")


def word(random: Random) -> str:
    """One word of two or three syllables, capitalised."""
    middle = _MIDDLES[int(random.random() * len(_MIDDLES))] if random.random() < 0.6 else ""
    return _STARTS[int(random.random() * len(_STARTS))] + middle + _ENDS[int(random.random() * len(_ENDS))]


def person(random: Random) -> str:
    """A given name and a family name."""
    return f"{word(random)} {word(random)}{_ENDS[int(random.random() * len(_ENDS))]}"
