"""Whoever reads events asks the deployment's registry, and shows it what it wants to be shown."""

from pathlib import Path

from shared import schema_files
from shared.composition.ports import REGISTRY_AUTHORIZATION, open_ports
from shared.embedded.file_secrets import FileSecrets
from shared.events.avro.events import encode
from shared.events.avro.framing import registry_framed
from shared.events.decoder import build_decoder
from tests.functions.risk_features.test_pushes import PURCHASE
from tests.support.deadlines import plenty
from tests.support.scripted_server import json_reply, scripted


async def test_the_registry_is_shown_the_secret_and_its_schema_reads_the_event(tmp_path: Path) -> None:
    schema = (schema_files.ROOT / "avro" / "transactions.v1.avsc").read_text()
    with scripted(json_reply({"schema": schema})) as server:
        ports = open_ports(
            {
                "SLACKER_ENVIRONMENT": "local",
                "SLACKER_STATE": str(tmp_path),
                "SLACKER_REGISTRY": server.url,
                "SLACKER_REGISTRY_SECRET_VERSION": "1",
            }
        )
        assert isinstance(ports.secrets, FileSecrets)
        await ports.secrets.ensure(REGISTRY_AUTHORIZATION, 1, lambda: b"Basic eHl6", plenty())
        framed = registry_framed(7, encode(PURCHASE))
        decoder = build_decoder(ports)
        assert await decoder.decode("transactions", framed, plenty()) == PURCHASE
        assert [request["authorization"] for request in server.requests] == ["Basic eHl6"]
        await decoder._registry.close()
        await ports.close()
