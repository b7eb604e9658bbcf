"""Who asks, read from what Cloud Run forwards."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Unauthenticated
from shared.gcp.forwarded_token import ForwardedCallers
from shared.http.callers import Caller

CALLERS = ForwardedCallers()
DEEP = b'{"email": "a@b", "nested": ' + b"[" * 5000


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def header(claims: Any) -> str:
    return f"Bearer {part(b'{}')}.{part(json.dumps(claims).encode())}.SIGNATURE_REMOVED_BY_GOOGLE"


@pytest.mark.parametrize("padding", ["", "x", "xx", "xxx"])
def test_a_caller_is_named_by_the_email_claim(padding: str) -> None:
    claims = {"aud": "https://x" + padding, "email": "Cards@bank.iam.gserviceaccount.com", "email_verified": True}
    assert CALLERS.identify({"authorization": header(claims)}) == Caller("cards@bank.iam.gserviceaccount.com")
    assert CALLERS.identify({"authorization": header(claims)}) == Caller("cards@bank.iam.gserviceaccount.com")


def test_the_scheme_is_read_in_any_case_and_a_token_may_leave_out_that_the_email_is_verified() -> None:
    assert CALLERS.identify({"authorization": header({"email": "a@b"}).replace("Bearer", "bEARER")}) == Caller("a@b")


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer a.b",
        "Bearer a.b.c.d",
        "Bearer ..",
        "Bearer a.é.c",
        "Basic " + header({"email": "a@b"}).removeprefix("Bearer "),
        header({}),
        header([]),
        header("a@b"),
        header({"email": ""}),
        header({"email": None}),
        header({"email": ["a@b"]}),
        header({"email": "a@b", "email_verified": False}),
        header({"email": "a@b", "email_verified": "true"}),
        header({"email": "a@b"}) + ", " + header({"email": "c@d"}),
        "Bearer x, " + header({"email": "c@d"}),
        f"Bearer x.{part(b'{')}.x",
        f"Bearer x.{part(bytes([0xFF, 0xFE]))}.x",
        f"Bearer x.{part(DEEP)}.x",
    ],
)
def test_whatever_names_no_verified_email_is_unauthenticated(authorization: str | None) -> None:
    with pytest.raises(Unauthenticated):
        CALLERS.identify({"authorization": authorization} if authorization is not None else {})


@given(st.text() | st.text().map("Bearer {}".format) | st.binary().map(lambda content: f"Bearer x.{part(content)}.x"))
def test_noise_is_unauthenticated(authorization: str) -> None:
    with pytest.raises(Unauthenticated):
        CALLERS.identify({"authorization": authorization})


def test_an_error_does_not_quote_the_token() -> None:
    with pytest.raises(Unauthenticated) as raised:
        CALLERS.identify({"authorization": header({"name": "Ada"})})
    assert "Bearer" not in str(raised.value)


def test_a_request_with_a_second_token_is_refused_since_the_first_was_not_verified() -> None:
    headers = {"authorization": header({"email": "a@b"}), "x-serverless-authorization": header({"email": "c@d"})}
    with pytest.raises(Unauthenticated, match="alone"):
        CALLERS.identify(headers)
