"""The port of signing: what decides something carries the signature of the function that decided it.

A signed statement is a JSON Web Signature in its compact form (RFC 7515), by ES256 (RFC 7518, 3.4): the header names
the key version (`kid`) and what kind of statement it is (`typ`), so that one is never taken for another.
"""

from typing import Protocol

from shared.deadline import Deadline

ALGORITHM = "ES256"


class Signer(Protocol):
    """Signs with one function's own key."""

    async def sign(self, kind: str, payload: bytes, deadline: Deadline) -> str:
        """A statement of that kind. Raises `Misconfigured` where the key is not there or not ours to use, `Unavailable`
        and `DeadlineExceeded`.
        """
        ...


class PublicKeys(Protocol):
    """The public keys of all functions that sign."""

    async def pem(self, key: str, deadline: Deadline) -> bytes:
        """The public key of a key version in PEM. Raises `NotFound` for one that is not there or no longer to be
        trusted, `Misconfigured` where we may not read it, `Unavailable` and `DeadlineExceeded`.
        """
        ...
