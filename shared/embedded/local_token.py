"""ID tokens as Google makes them, signed with the key of a local stack: stands in for `shared/gcp/identity_token.py`.

An OpenID Connect ID token (RS256) with the claims of a service account's; it lives for an hour, as Google's.
"""

from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

LIFETIME = 3600
ISSUER = "https://slacker.local"


def load_key(path: Path) -> rsa.RSAPrivateKey:
    """The key in the PEM file at `path`; raises `FileNotFoundError` where no stack has run."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return key


def sign(key: rsa.RSAPrivateKey, email: str, audience: str, now: float) -> str:
    """A token of `email` for the service at `audience`; `now` in epoch seconds."""
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "azp": email,
        "sub": email,
        "email": email,
        "email_verified": True,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "local"})
