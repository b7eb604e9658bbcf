"""Made-up names are the same for the same seed, and look like names."""

import random

from hypothesis import given
from hypothesis import strategies as st

from local.bank.names import person, word


@given(st.integers())
def test_a_seed_gives_the_same_names(seed: int) -> None:
    first, again = (random.Random(seed) for _ in range(2))  # noqa: S311 - made-up people
    assert [person(first) for _ in range(5)] == [person(again) for _ in range(5)]


@given(st.integers())
def test_a_word_is_capitalised_letters_and_a_person_has_two(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - made-up people
    single, name = word(chance), person(chance)
    assert (single.istitle(), single.isalpha(), len(name.split()), name.istitle()) == (True, True, 2, True)
