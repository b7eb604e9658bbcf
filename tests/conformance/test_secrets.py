"""What every store of secrets does, whatever it is made of."""

import base64
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from shared.deadline import Deadline
from shared.embedded.file_secrets import FileSecrets
from shared.errors import DeadlineExceeded, NotFound
from shared.gcp.secret_manager import SecretManager
from shared.runtime.secrets import Secrets
from tests.support.secret_manager_server import SecretManagerServer

PAYLOADS = {("token-key", 1): bytes(range(256)), ("token-key", 2): b"", ("other", 7): "ключ".encode()}


@pytest.fixture(params=["file", "secret_manager"])
async def secrets(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Secrets]:
    """A store that holds `PAYLOADS`."""
    if request.param == "file":
        yield FileSecrets(_file(tmp_path, PAYLOADS))
        return
    project = f"test-{uuid.uuid4().hex[:8]}"
    async with SecretManagerServer(project, PAYLOADS) as server:
        store = SecretManager(project, server.address)
        yield store
        await store.close()


def _file(directory: Path, payloads: Mapping[tuple[str, int], bytes]) -> Path:
    content: dict[str, dict[str, str]] = {}
    for (name, version), payload in payloads.items():
        content.setdefault(name, {})[str(version)] = base64.b64encode(payload).decode()
    path = directory / "secrets.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(("name", "version"), PAYLOADS)
async def test_a_version_of_a_secret_is_read_by_its_number(
    secrets: Secrets, soon: Deadline, name: str, version: int
) -> None:
    assert await secrets.access(name, version, soon) == PAYLOADS[name, version]


@pytest.mark.parametrize(("name", "version"), [("token-key", 3), ("unknown", 1)])
async def test_an_unknown_name_or_version_is_not_found(
    secrets: Secrets, soon: Deadline, name: str, version: int
) -> None:
    with pytest.raises(NotFound):
        await secrets.access(name, version, soon)


async def test_a_call_without_time_left_fails(secrets: Secrets) -> None:
    with pytest.raises(DeadlineExceeded):
        await secrets.access("token-key", 1, Deadline.after(-1))


async def test_what_is_closed_twice_stays_closed(secrets: Secrets) -> None:
    await secrets.close()
    await secrets.close()
