"""Reads the caller from the token that Cloud Run has verified and forwards with its signature replaced.

Signature, expiry and audience are not checked: Cloud Run has done so, and refuses the request otherwise. A service that
is open to `allUsers` must never use this: nothing verifies its callers' tokens.
"""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from shared.errors import Unauthenticated
from shared.gcp.unverified_token import claims
from shared.http.callers import Caller

# Where both headers are sent Cloud Run verifies this one alone, and `Authorization` arrives unverified
# (https://cloud.google.com/run/docs/authenticating/service-to-service).
_PLATFORM_ONLY = "x-serverless-authorization"


class _Claims(msgspec.Struct):
    email: str
    email_verified: bool = True


_decoder = msgspec.json.Decoder(_Claims)


class ForwardedCallers:
    """Implements `shared.http.callers.Callers`."""

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """See the port."""
        if _PLATFORM_ONLY in headers:
            raise Unauthenticated("a token in the header Authorization alone expected")
        authorization = headers.get("authorization")
        if not authorization:
            raise Unauthenticated("a bearer token expected")
        return _identified(authorization)


@lru_cache(maxsize=256)  # callers are few and keep a token for an hour: 0.1 µs instead of 3
def _identified(authorization: str) -> Caller:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or "," in token:  # a comma joins two of them: which one was verified is not known
        raise Unauthenticated("a bearer token expected")
    try:
        identity = claims(token.strip(), _decoder)
    except ValueError as error:
        raise Unauthenticated("a token with an e-mail address expected") from error
    if not identity.email or not identity.email_verified:
        raise Unauthenticated("a token with a verified e-mail address expected")
    return Caller(identity.email.lower())
