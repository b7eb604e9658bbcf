"""Who may do what, from one setting."""

import pytest

from functions.operator_api.roles import Role, operators
from shared.errors import Misconfigured


def test_an_address_has_every_role_it_is_listed_under_in_whatever_case() -> None:
    roles = operators("reviewer=Ana@x.example ben@x.example, on_call=ana@X.example")
    assert roles == {
        "ana@x.example": frozenset({Role.REVIEWER, Role.ON_CALL}),
        "ben@x.example": frozenset({Role.REVIEWER}),
    }


def test_nobody_is_an_operator_unless_told() -> None:
    assert operators("") == {}


@pytest.mark.parametrize("text", ["boss=ana@x.example", "reviewer=ana", "ana@x.example", "reviewer=a@x.example;b@y c"])
def test_a_wrong_setting_says_what_to_set(text: str) -> None:
    with pytest.raises(Misconfigured, match="set SLACKER_OPERATORS to role=email"):
        operators(text)
