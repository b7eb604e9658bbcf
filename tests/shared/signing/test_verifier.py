"""Nothing but a statement of the very function and kind is taken, and a key is not trusted for ever."""

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from jwt.api_jws import PyJWS

from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import Forbidden, NotFound, Unavailable
from shared.signing.verifier import MAX_LENGTH, TRUSTED_FOR, Verifier, key_version
from tests.support.deadlines import plenty

RING = "projects/bank/locations/l/keyRings/slacker"
KEY = key_version(RING, "operator_api", 1)
PRIVATE = ec.generate_private_key(ec.SECP256R1())
PEM = PRIVATE.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Keys:
    """Public keys of which one is there; `gone` it is no more."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.error: Exception | None = None

    async def pem(self, key: str, deadline: Deadline) -> bytes:
        self.requests.append(key)
        if self.error is not None:
            raise self.error
        return PEM


def signed(payload: bytes = b"{}", algorithm: str = "ES256", key: object = PRIVATE, **header: object) -> str:
    headers = {"kid": KEY, "typ": "review-decision", **header}
    return PyJWS().encode(payload, key, algorithm=algorithm, headers=headers)  # type: ignore[arg-type]


async def verified(statement: str, keys: Keys | None = None, clock: ManualClock | None = None) -> bytes:
    verifier = Verifier(RING, lambda: keys or Keys(), clock or ManualClock())
    return await verifier.verify(statement, "review-decision", "operator_api", plenty())


async def test_a_statement_is_taken() -> None:
    assert await verified(signed(b"it is so")) == b"it is so"


@pytest.mark.parametrize(
    "statement",
    [
        signed(algorithm="none", key=None),
        signed(algorithm="HS256", key="x" * 32),
        signed(typ="JWT"),
        signed(crit=["b64"], b64=False),
        signed(jwk={"kty": "EC"}),
        signed(kid=f"{KEY}/../1"),
        signed(kid=f"evil/{KEY}"),
        signed(kid=KEY.replace("operator-api", "operator-api-evil")),
        signed(kid=KEY.replace("slacker", "slacker2")),
        signed(kid=KEY[:-1] + "0"),
        signed(key=ec.generate_private_key(ec.SECP256R1())),
        signed() + "." + signed(),
        "x" * (MAX_LENGTH + 1),
        "",
        "..",
    ],
)  # fmt: skip
async def test_any_other_is_refused(statement: str) -> None:
    with pytest.raises(Forbidden):
        await verified(statement)


@given(text=st.text(max_size=60) | st.text("abc.=_-{}", max_size=40))
async def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(Forbidden):
        await verified(text)


async def test_a_key_is_read_once_and_again_after_five_minutes() -> None:
    keys, clock = Keys(), ManualClock()
    verifier = Verifier(RING, lambda: keys, clock)
    for _ in range(3):
        await verifier.verify(signed(), "review-decision", "operator_api", plenty())
    requests = len(keys.requests)
    await clock.advance(TRUSTED_FOR)
    keys.error = NotFound("disabled")
    with pytest.raises(Forbidden, match="not to be trusted"):
        await verifier.verify(signed(), "review-decision", "operator_api", plenty())
    assert (requests, len(keys.requests)) == (1, 2)


async def test_while_keys_cannot_be_read_nothing_is_verified() -> None:
    keys = Keys()
    keys.error = Unavailable("Cloud KMS is down")
    with pytest.raises(Unavailable):
        await verified(signed(), keys)


def test_a_statement_is_a_json_web_signature_of_the_standard() -> None:
    assert jwt.api_jws.decode(signed(b"{}"), PEM, algorithms=["ES256"]) == b"{}"
