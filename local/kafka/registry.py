"""A real schema registry, Apicurio's, and what is registered there by Confluent's API."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from local.kafka import java
from local.stack.http_listener import HOST, free_ports
from local.stack.process import ProcessReaper, ServerProcess
from local.stack.state_directory import inherited
from shared.errors import Unavailable

_HEAP = 384
_READY_WITHIN, _REGISTERED_WITHIN = 120.0, 120.0  # seconds: its first answer is slow on a busy machine
_TYPE = "application/vnd.schemaregistry.v1+json"


class SchemaRegistry:
    """The registry, in memory. `url` is that of Confluent's API, `own` that of Apicurio's, for its converter."""

    def __init__(self, jars: Path, reaper: ProcessReaper, logs: Path) -> None:
        (port,) = free_ports(1)
        self.url = f"http://{HOST}:{port}/apis/ccompat/v7"
        self.own = f"http://{HOST}:{port}/apis/registry/v2"
        folder = jars / "registry"
        options = [f"-Dquarkus.http.host={HOST}", f"-Dquarkus.http.port={port}", "-Dquarkus.log.level=WARN"]
        options.append("--add-opens=java.base/java.lang=ALL-UNNAMED")  # its threads die on Java 24 and later without
        command = java.command(
            f"{folder}/quarkus-run.jar", "io.quarkus.bootstrap.runner.QuarkusEntryPoint", _HEAP, *options
        )
        self.process = ServerProcess("registry", command, port, inherited(), reaper, logs, ready_within=_READY_WITHIN)

    async def register(self, topic: str, schema: Mapping[str, Any]) -> int:
        """Register the schema of a topic's values; gives its number. Raises `Unavailable` where that cannot be done."""
        body = json.dumps({"schema": json.dumps(schema)})
        url = f"{self.url}/subjects/{topic}-value/versions"
        timeout = aiohttp.ClientTimeout(total=_REGISTERED_WITHIN)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=body, headers={"content-type": _TYPE}) as answer,
            ):
                if answer.status != 200:
                    raise Unavailable(f"the schema registry answered {answer.status} to a schema of {topic}")
                return int((await answer.json(content_type=None))["id"])
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"the schema registry did not take a schema of {topic}") from error
