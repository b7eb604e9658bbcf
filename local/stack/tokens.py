"""The stack's own signing key: it makes tokens as Google would, checks them, and strips them as Cloud Run does."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.embedded import local_token
from shared.embedded.local_token import ISSUER
from shared.embedded.private_file import write_new
from shared.errors import Unauthenticated

REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
"""What Cloud Run puts in the place of a signature it has verified."""

_MAX_REMEMBERED = 1000


@dataclass(slots=True)
class Tokens:
    """Signs and verifies with one key. What was verified is remembered: RSA is slow, tokens are reused."""

    key: rsa.RSAPrivateKey
    _verified: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)

    def sign(self, email: str, audience: str, now: float) -> str:
        """A token that says `email` to the service at `audience`; `now` in epoch seconds."""
        return local_token.sign(self.key, email, audience, now)

    def stripped(self, authorization: str | None, audience: str, now: float) -> str:
        """The `Authorization` header to forward, its signature replaced; raises `Unauthenticated`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("a bearer token expected")
        verified = self._verified.get((token, audience))
        if verified is None:
            verified = self._verify(token, audience)
        expires, header = verified
        if now >= expires:
            raise Unauthenticated("the token has expired")
        return header

    def _verify(self, token: str, audience: str) -> tuple[float, str]:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                self.key.public_key(),
                algorithms=["RS256"],
                audience=audience,
                issuer=ISSUER,
                options={"require": ["exp", "aud", "iss", "email"], "verify_exp": False, "verify_iat": False},
            )
            expires = float(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise Unauthenticated(f"a token of this stack for the audience {audience} expected") from error
        if len(self._verified) >= _MAX_REMEMBERED:
            self._verified.clear()
        head, payload, _ = token.split(".")
        verified = (expires, f"Bearer {head}.{payload}.{REMOVED}")
        self._verified[token, audience] = verified
        return verified


def load(path: Path) -> Tokens:
    """The tokens of the key kept at `path`; raises `FileNotFoundError` where no stack has made one."""
    return Tokens(local_token.load_key(path))


def load_or_create(path: Path) -> Tokens:
    """The tokens of the key at `path`, made on first use and readable by its owner alone."""
    with suppress(FileNotFoundError):
        return load(path)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_new(path, pem)
    return Tokens(key)
