"""Chooses the adapters of signing by the settings: Cloud KMS, or files of this machine where secrets are in files."""

from typing import TYPE_CHECKING

from shared.composition.google_apis import google, in_files
from shared.composition.ports import Ports
from shared.errors import Misconfigured
from shared.runtime.settings import Settings
from shared.signing.signer import PublicKeys, Signer
from shared.signing.verifier import Verifier, key_version

if TYPE_CHECKING:
    from shared.http.service_client import Authorise

LOCAL_RING = "projects/local/locations/local/keyRings/slacker"
"""The key ring of one machine."""


def signer(ports: Ports, function: str) -> Signer:
    """Signs as `function`, with the configured version of its key; raises `Misconfigured` without a key ring."""
    settings = ports.settings
    key = key_version(_ring(settings), function, settings.signing_key_version)
    if in_files(settings):
        from shared.embedded.file_signing import FileSigner  # noqa: PLC0415 - each import costs cold start

        return FileSigner(settings.state / "signing", key)
    from shared.gcp.kms import KmsSigner  # noqa: PLC0415

    return KmsSigner(google(ports, "Cloud KMS", settings.kms), key)


def verifier(ports: Ports, authorise: "Authorise | None" = None) -> Verifier:
    """Verifies what functions have signed; raises `Misconfigured` without a key ring. Keys are read as this function,
    or as `authorise` says.
    """
    return Verifier(_ring(ports.settings), lambda: _public_keys(ports, authorise), ports.clock)


def _public_keys(ports: Ports, authorise: "Authorise | None") -> PublicKeys:
    settings = ports.settings
    if in_files(settings):
        from shared.embedded.file_signing import FilePublicKeys  # noqa: PLC0415

        return FilePublicKeys(settings.state / "signing")
    from shared.gcp.kms import KmsPublicKeys  # noqa: PLC0415

    return KmsPublicKeys(google(ports, "Cloud KMS", settings.kms, authorise))


def _ring(settings: Settings) -> str:
    if settings.key_ring:
        return settings.key_ring
    if in_files(settings):
        return LOCAL_RING
    raise Misconfigured("set SLACKER_KEY_RING to the key ring of what functions sign with, as Terraform makes it")
