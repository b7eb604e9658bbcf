"""A token of a stack's key says what Google's would, and only its own key and audience verify it."""

from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.types import Options

from shared.embedded.local_token import ISSUER, LIFETIME, load_key, sign

NOW = 1_800_000_000.9
ANY_TIME: Options = {"verify_exp": False, "verify_iat": False}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """A key as a stack writes it."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_a_token_has_the_claims_of_a_service_accounts_and_lives_for_an_hour() -> None:
    token = sign(KEY, "ana@slacker.local", "http://here", NOW)
    claims = jwt.decode(token, KEY.public_key(), ["RS256"], audience="http://here", options=ANY_TIME)
    email = "ana@slacker.local"
    assert claims == {
        "iss": ISSUER,
        "aud": "http://here",
        "azp": email,
        "sub": email,
        "email": email,
        "email_verified": True,
        "iat": int(NOW),
        "exp": int(NOW) + LIFETIME,
    }


def test_another_key_does_not_verify_it() -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(sign(KEY, "ana", "here", NOW), other.public_key(), ["RS256"], audience="here", options=ANY_TIME)


def test_a_key_is_read_from_the_file_that_a_stack_wrote(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(pem(KEY))
    assert load_key(tmp_path / "key.pem").private_numbers() == KEY.private_numbers()


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(TypeError, match="holds no RSA key"):
        load_key(tmp_path / "key.pem")
