"""Whether a statement was signed by the function that may decide what it says."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import Forbidden, NotFound
from shared.signing.signer import ALGORITHM, PublicKeys

if TYPE_CHECKING:
    from jwt.api_jws import PyJWS

MAX_LENGTH = 20_000
"""Characters of a statement."""

TRUSTED_FOR = 300.0
"""Seconds after which a public key is read again: so long a key version that was disabled is still trusted."""


def key_name(ring: str, function: str) -> str:
    """The key of a function in a key ring, as Cloud KMS names it: `projects/p/locations/l/keyRings/r/cryptoKeys/k`."""
    return f"{ring}/cryptoKeys/{function.replace('_', '-')}"


def key_version(ring: str, function: str, number: int) -> str:
    """One version of it, which is what signs."""
    return f"{key_name(ring, function)}/cryptoKeyVersions/{number}"


class Verifier:
    """Verifies statements of functions whose keys are in `ring`; `keys` is called for the first one."""

    def __init__(self, ring: str, keys: Callable[[], PublicKeys], clock: Clock = SYSTEM) -> None:
        self._ring = ring
        self._open = keys
        self._keys: PublicKeys | None = None
        self._clock = clock
        self._read: dict[str, tuple[float, bytes]] = {}

    async def verify(self, statement: str, kind: str, function: str, deadline: Deadline) -> bytes:
        """What `function` has signed as a statement of that kind.

        Raises `Forbidden` for anything else, and what `PublicKeys.pem` does but `NotFound`.
        """
        jws = _jws()
        header = _header(jws, statement)
        trusted = rf"{re.escape(key_name(self._ring, function))}/cryptoKeyVersions/[1-9][0-9]{{0,9}}"
        key = header.get("kid")
        if header != {"alg": ALGORITHM, "kid": key, "typ": kind} or not re.fullmatch(trusted, str(key)):
            raise Forbidden(f"no {kind} signed by {function}")
        return _payload(jws, statement, await self._pem(str(key), deadline), f"no {kind} signed by {function}")

    async def _pem(self, key: str, deadline: Deadline) -> bytes:
        now = self._clock.monotonic()
        read_at, pem = self._read.get(key, (float("-inf"), b""))
        if now - read_at >= TRUSTED_FOR:
            try:
                pem = await self._public_keys().pem(key, deadline)
            except NotFound as error:
                raise Forbidden(f"the key {key} is not to be trusted") from error
            self._read[key] = (now, pem)
        return pem

    def _public_keys(self) -> PublicKeys:
        if self._keys is None:
            self._keys = self._open()
        return self._keys


def _jws() -> "PyJWS":
    from jwt.api_jws import PyJWS  # noqa: PLC0415 - with it comes cryptography: a cold start need not pay for both

    return PyJWS(algorithms=[ALGORITHM])


def _header(jws: "PyJWS", statement: str) -> dict[str, Any]:
    from jwt import InvalidTokenError  # noqa: PLC0415

    if len(statement) > MAX_LENGTH:
        raise Forbidden("a signed statement expected: this one is too long")
    try:
        return jws.get_unverified_header(statement)
    except (InvalidTokenError, ValueError) as error:
        raise Forbidden("a signed statement expected") from error


def _payload(jws: "PyJWS", statement: str, pem: bytes, refusal: str) -> bytes:
    from jwt import InvalidTokenError  # noqa: PLC0415

    try:
        payload: bytes = jws.decode(statement, pem, algorithms=[ALGORITHM])
    except (InvalidTokenError, ValueError, TypeError) as error:
        raise Forbidden(refusal) from error
    return payload
