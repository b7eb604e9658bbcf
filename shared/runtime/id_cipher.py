"""Ids that have to be read again, encrypted where they are stored: AES-256-GCM, by a key derived from the token key.

Text of one id reads `e1.…`: the version of the token key, then nonce and ciphertext in base64url.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from shared.deadline import Deadline
from shared.errors import Damaged, Forbidden, Misconfigured, NotFound

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PURPOSE = b"slacker: ids in documents"
_NONCE_BYTES = 12


class IdCipher(Protocol):
    """Encrypts ids. `about` names the document that an id belongs to: in another one its text is of no use."""

    async def encrypt(self, id_: str, about: str, deadline: Deadline) -> str:
        """The text of an id, another one each time. Raises `Misconfigured` where the key is not there or not ours to
        read, `DeadlineExceeded` and `Unavailable`.
        """
        ...

    async def decrypt(self, text: str, about: str, deadline: Deadline) -> str:
        """The id in a text; raises as `encrypt` does, and `Damaged` for a text that is not of this document."""
        ...


class TokenKeyCipher:
    """Implements `IdCipher`; `read` gives a version of the token key, `version` is that which encrypts."""

    def __init__(self, read: Callable[[int, Deadline], Awaitable[bytes]], version: int) -> None:
        self._read = read
        self._version = version
        self._ciphers: dict[int, AESGCM] = {}

    async def encrypt(self, id_: str, about: str, deadline: Deadline) -> str:
        """See the port."""
        cipher, nonce = await self._cipher(self._version, deadline), os.urandom(_NONCE_BYTES)
        encrypted = nonce + cipher.encrypt(nonce, id_.encode(), about.encode())
        return f"e{self._version}.{urlsafe_b64encode(encrypted).decode()}"

    async def decrypt(self, text: str, about: str, deadline: Deadline) -> str:
        """See the port."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - a cold start need not pay for it

        version, _, encoded = text.removeprefix("e").partition(".")
        try:
            encrypted, number = urlsafe_b64decode(encoded), int(version)
        except ValueError as error:
            raise Damaged("an encrypted id expected") from error
        cipher = await self._cipher(number, deadline)
        try:
            return cipher.decrypt(encrypted[:_NONCE_BYTES], encrypted[_NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Damaged("an encrypted id cannot be read: it is of another document, or was altered") from error

    async def _cipher(self, version: int, deadline: Deadline) -> "AESGCM":
        if version not in self._ciphers:
            try:
                self._ciphers[version] = _derived(await self._read(version, deadline))
            except (NotFound, Forbidden) as error:
                raise Misconfigured(f"version {version} of the token key cannot be read") from error
        return self._ciphers[version]


def _derived(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return AESGCM(HKDF(SHA256(), 32, None, _PURPOSE).derive(key))
