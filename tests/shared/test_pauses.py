"""Pauses between tries."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from shared.pauses import pauses


@given(st.floats(0.001, 1), st.floats(1, 4), st.floats(1, 20))
def test_each_pause_is_between_half_and_all_of_one_that_grows_up_to_the_longest(
    first: float, growth: float, longest: float
) -> None:
    whole = first
    for pause in islice(pauses(first, growth, longest), 20):
        assert whole / 2 <= pause <= whole
        whole = min(growth * whole, longest)
