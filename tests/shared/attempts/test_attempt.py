"""An attempt says whether its item has come to an end."""

import pytest

from shared.attempts.attempt import State


@pytest.mark.parametrize("state", State)
def test_all_states_are_final_but_claimed_and_parked(state: State) -> None:
    assert state.final == (state not in {State.CLAIMED, State.PARKED})
