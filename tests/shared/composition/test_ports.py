"""Which adapters the environment gets, and that no other is even imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.composition.ports import REGISTRY_AUTHORIZATION, TOKEN_KEY, open_ports
from shared.embedded.file_secrets import FileSecrets
from shared.errors import Misconfigured, NotFound, Unavailable
from shared.messaging.messages import Message
from tests.support.deadlines import PLENTY, plenty
from tests.support.emulators import free_port

ROOT = Path(__file__).resolve().parents[3]
GOOGLE = {"GOOGLE_CLOUD_PROJECT": "bank"}


def local(directory: Path, **variables: str) -> dict[str, str]:
    return {"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(directory), **variables}


@pytest.mark.parametrize(
    ("environ", "adapters"),
    [
        (GOOGLE, ["FirestoreDocuments", "SecretManager", "MetadataIdentity", "ForwardedCallers", "PubsubPublisher"]),
        (
            {"SLACKER_ENVIRONMENT": "local"},
            ["SqliteDocuments", "FileSecrets", "MetadataIdentity", "ForwardedCallers", "BrokerPublisher"],
        ),
        (
            {"SLACKER_ENVIRONMENT": "sandbox", "SLACKER_BACKEND": "memory"},
            ["MemoryDocuments", "FileSecrets", "MetadataIdentity", "ForwardedCallers", "MemoryPublisher"],
        ),
    ],
)
async def test_each_backend_has_its_adapters(environ: dict[str, str], adapters: list[str]) -> None:
    chosen = open_ports(environ)
    ports = (chosen.documents, chosen.secrets, chosen.identity, chosen.callers, chosen.publisher)
    assert [type(port).__name__ for port in ports] == adapters
    await chosen.close()


def test_a_backend_that_must_not_be_is_refused() -> None:
    with pytest.raises(Misconfigured):
        open_ports({"SLACKER_BACKEND": "memory"})


async def test_a_developers_machine_makes_its_token_key_once(tmp_path: Path) -> None:
    first, second = open_ports(local(tmp_path)), open_ports(local(tmp_path))
    tokens = [await chosen.tokens(plenty()) for chosen in (first, second)]
    assert len({maker.client("1") for maker in tokens}) == 1
    assert len(await first.secrets.access(TOKEN_KEY, 1, plenty())) == 32


async def test_another_version_of_the_key_makes_other_tokens(tmp_path: Path) -> None:
    deadline = plenty()
    first = (await open_ports(local(tmp_path)).tokens(deadline)).client("1")
    second = (await open_ports(local(tmp_path, SLACKER_TOKEN_KEY_VERSION="2")).tokens(deadline)).client("1")
    assert (first[:3], second[:3]) == ("t1_", "t2_")
    assert first[3:] != second[3:]


async def test_nowhere_else_is_a_key_made(tmp_path: Path) -> None:
    environ = local(tmp_path) | {"SLACKER_ENVIRONMENT": "sandbox", "SLACKER_BACKEND": "embedded"}
    with pytest.raises(NotFound):
        await open_ports(environ).tokens(plenty())


async def test_without_a_broker_the_first_publish_says_what_to_set(tmp_path: Path) -> None:
    chosen = open_ports(local(tmp_path))
    with pytest.raises(Misconfigured, match="SLACKER_BROKER"):
        await chosen.publisher.publish("transactions", [Message(b"1")], plenty())
    await chosen.close()


async def test_without_a_metadata_server_a_request_is_unavailable(tmp_path: Path) -> None:
    chosen = open_ports(local(tmp_path, GCE_METADATA_HOST=f"127.0.0.1:{free_port()}"))
    with pytest.raises(Unavailable):
        await chosen.identity.token("https://risk.example.com", plenty())
    await chosen.close()


@pytest.mark.parametrize("kind", ["embedded", "memory"])
def test_a_developers_machine_loads_no_google_client_and_a_function_that_calls_no_other_no_http_client(
    kind: str,
) -> None:
    script = (
        "import sys; from shared.composition.ports import open_ports; "
        f"open_ports({{'SLACKER_ENVIRONMENT': 'local', 'SLACKER_BACKEND': {kind!r}}}); "
        "print([name for name in ('google.api_core', 'google.protobuf', 'grpc', 'aiohttp') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=PLENTY, check=True
    )
    assert run.stdout.strip() == "[]"


async def authorization(directory: Path, secret: bytes, version: str) -> str:
    chosen = open_ports(local(directory, SLACKER_REGISTRY_SECRET_VERSION=version))
    assert isinstance(chosen.secrets, FileSecrets)
    await chosen.secrets.ensure(REGISTRY_AUTHORIZATION, 2, lambda: secret, plenty())
    return await chosen.registry_authorization(plenty())


async def test_what_the_schema_registry_wants_to_be_shown_is_a_secret_of_the_version_that_is_set(
    tmp_path: Path,
) -> None:
    assert await authorization(tmp_path / "set", b"Basic eHl6\n", "2") == "Basic eHl6"
    assert await authorization(tmp_path / "unset", b"Basic eHl6", "") == ""


@pytest.mark.parametrize(
    ("secret", "version"),
    [(b"Basic eHl6", "1"), (b"", "2"), (b"Basic eHl6\nx-other: 1", "2"), ("Basic ü".encode(), "2")],
    ids=["no such version", "empty", "two lines", "not ASCII"],
)
async def test_an_authorization_that_cannot_be_one_says_what_to_set_and_not_what_it_was(
    tmp_path: Path, secret: bytes, version: str
) -> None:
    with pytest.raises(Misconfigured, match="SLACKER_REGISTRY_SECRET_VERSION") as refused:
        await authorization(tmp_path, secret, version)
    assert "eHl6" not in str(refused.value)
