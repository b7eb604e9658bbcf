"""Keys in files: one whoever comes first, for its owner alone, and what is none is told."""

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.embedded.file_signing import FilePublicKeys, FileSigner
from shared.errors import Misconfigured
from shared.signing.verifier import Verifier, key_version
from tests.support.deadlines import plenty

RING = "projects/local/locations/local/keyRings/slacker"
KEY = key_version(RING, "operator_api", 1)


async def test_a_key_is_its_owners_alone(tmp_path: Path) -> None:
    await FileSigner(tmp_path / "keys", KEY).sign("kind", b"", plenty())
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys", *(tmp_path / "keys").iterdir())]
    assert modes == [0o700, 0o600]


def test_of_many_who_come_at_once_all_sign_with_the_same_key(tmp_path: Path) -> None:
    def sign(number: int) -> str:
        return asyncio.run(FileSigner(tmp_path, KEY).sign("kind", str(number).encode(), plenty()))

    async def verify(statement: str) -> bytes:
        verifier = Verifier(RING, lambda: FilePublicKeys(tmp_path))
        return await verifier.verify(statement, "kind", "operator_api", plenty())

    with ThreadPoolExecutor(8) as threads:
        statements = list(threads.map(sign, range(32)))
    assert [asyncio.run(verify(each)) for each in statements] == [str(number).encode() for number in range(32)]


async def test_a_file_that_holds_no_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "operator-api.1.pem").write_text("no key")
    with pytest.raises(Misconfigured, match="remove it"):
        await FileSigner(tmp_path, KEY).sign("kind", b"", plenty())
