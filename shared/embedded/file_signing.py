"""The ports of signing in a folder of one machine: a function's private key in a file that only its owner may read."""

import re
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.api_jws import PyJWS

from shared.deadline import Deadline
from shared.embedded.private_file import write_new
from shared.errors import DeadlineExceeded, Misconfigured, NotFound
from shared.signing.signer import ALGORITHM

_VERSION = re.compile(r"[A-Za-z0-9/_-]+/cryptoKeys/([a-z0-9-]+)/cryptoKeyVersions/([1-9][0-9]*)")


class FileSigner:
    """Implements `shared.signing.signer.Signer` with the key version `key`; its file is made on first use."""

    def __init__(self, directory: Path, key: str) -> None:
        self._path = _path(directory, key)
        self._key = key

    async def sign(self, kind: str, payload: bytes, deadline: Deadline) -> str:
        """See the port."""
        if deadline.passed():
            raise DeadlineExceeded("no time was left to sign")
        header = {"kid": self._key, "typ": kind}
        return PyJWS().encode(payload, self._private_key(), algorithm=ALGORITHM, headers=header)

    def _private_key(self) -> ec.EllipticCurvePrivateKey:
        with suppress(FileNotFoundError):
            return _load(self._path)
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _create(self._path, pem)
        return _load(self._path)  # the key of whoever was first


class FilePublicKeys:
    """Implements `shared.signing.signer.PublicKeys` with the folder in which signers keep their keys."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def pem(self, key: str, deadline: Deadline) -> bytes:
        """See the port."""
        if deadline.passed():
            raise DeadlineExceeded("no time was left to read a key")
        try:
            private = _load(_path(self._directory, key))
        except FileNotFoundError as error:
            raise NotFound(f"nothing was signed with {key} here") from error
        return private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def _path(directory: Path, key: str) -> Path:
    named = _VERSION.fullmatch(key)
    if named is None:
        raise NotFound(f"no key version: {key}")
    return directory / f"{named[1]}.{named[2]}.pem"


def _create(path: Path, content: bytes) -> None:
    """The whole file at once, for its owner alone; whoever comes second leaves the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{secrets.token_hex(8)}")
    write_new(fresh, content)
    with suppress(FileExistsError):
        path.hardlink_to(fresh)
    fresh.unlink()


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise Misconfigured(f"{path} holds no private key: remove it") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Misconfigured(f"{path} holds no key for {ALGORITHM}: remove it")
    return key
