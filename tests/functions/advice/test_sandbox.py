"""Sandbox operation ids."""

import pytest

from functions.advice.sandbox import Forced, forced
from shared.errors import Invalid


def test_an_ordinary_id_forces_nothing() -> None:
    assert forced("op-1", allowed=False) is None


@pytest.mark.parametrize("outcome", list(Forced))
def test_each_outcome_can_be_forced(outcome: Forced) -> None:
    assert forced(f"sandbox.{outcome}.7", allowed=True) is outcome


@pytest.mark.parametrize("outcome", list(Forced))
def test_production_refuses_them_all(outcome: Forced) -> None:
    with pytest.raises(Invalid, match="not for production"):
        forced(f"sandbox.{outcome}", allowed=False)


def test_an_unknown_outcome_is_told_the_known_ones() -> None:
    with pytest.raises(Invalid, match="approve, reject, stepup"):
        forced("sandbox.maybe", allowed=True)
