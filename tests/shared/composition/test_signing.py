"""Who signs with what: files on one machine and beside emulators, Cloud KMS in the cloud, which needs its key ring."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.composition.ports import open_ports
from shared.composition.signing import signer, verifier
from shared.embedded.file_signing import FileSigner
from shared.errors import Misconfigured
from shared.gcp.kms import KmsSigner
from tests.support.deadlines import plenty

LOCAL = {"SLACKER_ENVIRONMENT": "local"}
CLOUD = {"GOOGLE_CLOUD_PROJECT": "bank", "SLACKER_KEY_RING": "projects/bank/locations/l/keyRings/slacker"}
EMULATED = {**LOCAL, "SLACKER_BACKEND": "gcp", "GOOGLE_CLOUD_PROJECT": "bank", "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"}


@pytest.mark.parametrize(
    ("environ", "adapter"), [(LOCAL, FileSigner), (EMULATED, FileSigner), (CLOUD, KmsSigner)], ids=str
)
async def test_the_settings_choose_what_signs(environ: Mapping[str, str], adapter: type) -> None:
    assert type(signer(open_ports(environ), "operator_api")) is adapter


async def test_on_one_machine_what_one_function_signs_another_verifies(tmp_path: Path) -> None:
    ports = open_ports({**LOCAL, "SLACKER_STATE": str(tmp_path)})
    statement = await signer(ports, "operator_api").sign("kind", b"{}", plenty())
    assert await verifier(ports).verify(statement, "kind", "operator_api", plenty()) == b"{}"


async def test_in_the_cloud_a_key_ring_is_needed() -> None:
    ports = open_ports({"GOOGLE_CLOUD_PROJECT": "bank"})
    for choose in (lambda: signer(ports, "operator_api"), lambda: verifier(ports)):
        with pytest.raises(Misconfigured, match="SLACKER_KEY_RING"):
            choose()
