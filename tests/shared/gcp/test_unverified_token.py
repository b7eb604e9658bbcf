"""The claims of a token are read, and what is no token is told."""

import base64

import jwt
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gcp.unverified_token import claims

EMAIL = msgspec.json.Decoder(dict[str, str])


@given(st.dictionaries(st.sampled_from(["email", "sub", "iss"]), st.text(), min_size=1))
def test_the_claims_of_a_token_are_those_it_was_made_with(made: dict[str, str]) -> None:
    assert claims(jwt.encode(made, "k" * 32), EMAIL) == made


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.b.c.d", "e30.!.x", f"e30.{base64.urlsafe_b64encode(b'[1]').decode()}.x", "e30.e3.x", "e30.é.x"],
)
def test_anything_else_is_told(token: str) -> None:
    with pytest.raises(ValueError, match=r"a token|only ASCII"):
        claims(token, EMAIL)
