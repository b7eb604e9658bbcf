"""The ports of signing on Cloud KMS, by its REST API: private keys never leave it.

https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys.cryptoKeyVersions
"""

import hashlib
from base64 import b64decode, b64encode
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from jwt.utils import base64url_encode, der_to_raw_signature

from shared.deadline import Deadline
from shared.errors import Misconfigured, NotFound, Unavailable
from shared.gcp.crc32c import crc32c
from shared.http.service_client import Answer, ServiceClient
from shared.signing.signer import ALGORITHM

_KMS_ALGORITHM = "EC_SIGN_P256_SHA256"  # ES256, as KMS calls it


class _Signed(msgspec.Struct, rename="camel"):
    name: str
    signature: str
    signature_crc32c: str = msgspec.field(name="signatureCrc32c")
    verified_digest_crc32c: bool = msgspec.field(name="verifiedDigestCrc32c", default=False)


class _PublicKey(msgspec.Struct, rename="camel"):
    name: str
    pem: str
    algorithm: str
    pem_crc32c: str = msgspec.field(name="pemCrc32c")


class KmsSigner:
    """Implements `shared.signing.signer.Signer` with the key version `key`, by its full resource name."""

    def __init__(self, client: ServiceClient, key: str) -> None:
        self._client = client
        self._key = key

    async def sign(self, kind: str, payload: bytes, deadline: Deadline) -> str:
        """See the port."""
        header = msgspec.json.encode({"alg": ALGORITHM, "kid": self._key, "typ": kind})
        signed = base64url_encode(header) + b"." + base64url_encode(payload)
        digest = hashlib.sha256(signed).digest()
        body = {"digest": {"sha256": b64encode(digest).decode()}, "digestCrc32c": str(crc32c(digest))}
        answer = await self._client.request("POST", f"/v1/{self._key}:asymmetricSign", deadline, json=body, safe=True)
        if answer.status != 200:
            raise Misconfigured(f"the key {self._key} cannot sign: Cloud KMS answered with status {answer.status}")
        der = _read(answer, _Signed, self._key)
        if not der.verified_digest_crc32c:
            raise Unavailable("what was to be signed was damaged on its way to Cloud KMS")
        try:
            signature = der_to_raw_signature(_whole(b64decode(der.signature), der.signature_crc32c), SECP256R1())
        except ValueError as error:
            raise Unavailable("Cloud KMS gave no signature of P-256") from error
        return (signed + b"." + base64url_encode(signature)).decode()


class KmsPublicKeys:
    """Implements `shared.signing.signer.PublicKeys`."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def pem(self, key: str, deadline: Deadline) -> bytes:
        """See the port."""
        answer = await self._client.request("GET", f"/v1/{key}/publicKey", deadline)
        if answer.status != 200:  # 404, or 400 for a version that is disabled or destroyed
            raise NotFound(f"Cloud KMS has no public key {key}")
        public = _read(answer, _PublicKey, key)
        if public.algorithm != _KMS_ALGORITHM:
            raise Misconfigured(f"{key} is a key for {public.algorithm}: {_KMS_ALGORITHM} expected")
        return _whole(public.pem.encode(), public.pem_crc32c)


def _read(answer: Answer, kind: type[Any], key: str) -> Any:
    """The answer about `key`; raises `Unavailable` for what is none."""
    try:
        read = msgspec.convert(answer.body, kind)
    except msgspec.ValidationError as error:
        raise Unavailable("Cloud KMS answered what cannot be read") from error
    if read.name != key:
        raise Unavailable("Cloud KMS answered about another key")
    return read


def _whole(data: bytes, checksum: str) -> bytes:
    if checksum != str(crc32c(data)):
        raise Unavailable("what Cloud KMS answered was damaged on its way")
    return data
