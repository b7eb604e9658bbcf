"""Plays Cloud KMS's REST API for signing: asymmetric keys of P-256, each version made when it is first asked for.

Keys of one process: what was signed before it started again cannot be verified.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from local.stack.metadata import ACCESS_TOKEN
from local.stand_ins.faults import Switches
from local.stand_ins.server import StandIn
from local.stand_ins.service import Reply, Request, Table
from shared.gcp.crc32c import crc32c

_VERSION = r"/v1/(projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+/cryptoKeyVersions/[1-9][0-9]*)"
_SIGN, _PUBLIC = re.compile(_VERSION + ":asymmetricSign"), re.compile(_VERSION + "/publicKey")
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


class Kms:
    """Implements `local.stand_ins.service.Service`. `disabled` are the versions that are not to be used."""

    name = "kms"

    def __init__(self) -> None:
        self._keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self._signed: list[tuple[str, str]] = []
        self.disabled: set[str] = set()

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        sign, public = _SIGN.fullmatch(request.path), _PUBLIC.fullmatch(request.path)
        named = sign or public
        if named is None:
            return self.refusal(404)
        if named[1] in self.disabled:
            return _error(400, "FAILED_PRECONDITION")
        key = self._keys.setdefault(named[1], ec.generate_private_key(ec.SECP256R1()))
        if sign and request.method == "POST":
            return self._sign(named[1], key, request.json())
        return _public_key(named[1], key) if request.method == "GET" and public else self.refusal(404)

    def refusal(self, status: int) -> Reply:
        """See the protocol."""
        return _error(status, _STATUS.get(status, "INTERNAL"))

    def tables(self) -> Sequence[Table]:
        """See the protocol."""
        return [Table("Signatures", ("key version", "digest"), list(reversed(self._signed)))]

    def close(self) -> None:
        """Nothing is open."""

    def _sign(self, name: str, key: ec.EllipticCurvePrivateKey, body: Any) -> Reply:
        try:
            encoded = body["digest"]["sha256"]
            digest = b64decode(encoded, validate=True)
        except (KeyError, TypeError, ValueError):
            return self.refusal(400)
        checksum = body.get("digestCrc32c")
        if len(digest) != 32 or checksum not in {None, str(crc32c(digest))}:
            return self.refusal(400)
        self._signed.append((name, encoded))
        signature = key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        return Reply(
            200,
            {
                "name": name,
                "signature": b64encode(signature).decode(),
                "signatureCrc32c": str(crc32c(signature)),
                "verifiedDigestCrc32c": checksum is not None,
                "protectionLevel": "SOFTWARE",
            },
        )


def _public_key(name: str, key: ec.EllipticCurvePrivateKey) -> Reply:
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Reply(
        200,
        {
            "name": name,
            "pem": pem.decode(),
            "algorithm": "EC_SIGN_P256_SHA256",
            "pemCrc32c": str(crc32c(pem)),
            "protectionLevel": "SOFTWARE",
        },
    )


def _error(status: int, code: str) -> Reply:
    """See https://cloud.google.com/apis/design/errors#http_mapping."""
    return Reply(status, {"error": {"code": status, "message": code.lower().replace("_", " "), "status": code}})


def application() -> web.Application:
    """The stand-in of the stack."""
    return StandIn(Kms(), {f"Bearer {ACCESS_TOKEN}"}).application()
