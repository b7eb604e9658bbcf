"""Kafka Connect with the settings and connectors of `kafka_connect/`: its process, REST interface and metrics."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from local.kafka import java, properties
from local.kafka.certificates import STORE_PASSWORD, Certificates
from local.kafka.polling import wait_until
from local.stack.http_listener import HOST, free_ports
from local.stack.process import ROOT, ProcessReaper, ServerProcess
from local.stack.state_directory import inherited
from shared.errors import Unavailable

HOME = ROOT / "kafka_connect"
USER = "connect"
"""Its user at the broker."""

_HEAP = 512
_READY_WITHIN, _ANSWERED_WITHIN = 120.0, 90.0  # seconds
_STOPPED_WITHIN = 60.0
_JSON = {"content-type": "application/json"}
_MAIN = "org.apache.kafka.connect.cli.ConnectDistributed"


@dataclass(frozen=True, slots=True)
class WorkerEnvironment:
    """The environment of a worker. `login` is its line for the broker's authentication, `pubsub` an endpoint of
    Google's API, `credentials` a file with those of its service account, `registry` the address of the schema
    registry's own API.
    """

    kafka: str
    login: str
    certificates: Certificates
    project: str
    pubsub: str
    credentials: Path
    registry: str

    def environment(self) -> dict[str, str]:
        """The variables of `kafka_connect/`, and of Google's library."""
        return {
            "SLACKER_KAFKA": self.kafka,
            "SLACKER_KAFKA_LOGIN": self.login,
            "SLACKER_KAFKA_AUTHORITY": str(self.certificates.authority),
            "SLACKER_PROJECT": self.project,
            "SLACKER_PUBSUB": self.pubsub,
            "SLACKER_REGISTRY": self.registry,
            "GOOGLE_APPLICATION_CREDENTIALS": str(self.credentials),
        }


class Connect:
    """One worker in distributed mode, with `changes` to its settings; `metrics` is the port that Prometheus reads."""

    def __init__(
        self, jars: Path, folder: Path, worker: WorkerEnvironment, reaper: ProcessReaper, logs: Path,
        changes: Mapping[str, str],
    ) -> None:  # fmt: skip
        port, self.metrics = free_ports(2)
        self._url = f"http://{HOST}:{port}"
        (agent,) = (jars / "metrics").glob("*.jar")
        options = [
            *java.logging("WARN"),
            f"-javaagent:{agent}={HOST}:{self.metrics}:{HOME / 'metrics.yaml'}",
            f"-Djavax.net.ssl.trustStore={worker.certificates.store}",
            f"-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}",
        ]
        command = java.command(f"{jars / 'kafka'}/*", _MAIN, _HEAP, *options)
        # Where plugins are is read before there are variables.
        deployed = properties.read(HOME / "worker-distributed.properties")
        settings = properties.write(
            folder / "worker.properties", {**deployed, "plugin.path": str(jars / "plugins"), **changes}
        )
        environment = {**inherited(), **worker.environment(), "SLACKER_CONNECT_PORT": str(port)}
        self.process = ServerProcess(
            "connect",
            [*command, str(settings)],
            port,
            environment,
            reaper,
            logs,
            ready_within=_READY_WITHIN,
            answers=_healthy,
        )

    async def put(self, connector: Mapping[str, Any], **changes: str) -> None:
        """Create a connector, or change its settings."""
        await self._ask("PUT", f"/connectors/{connector['name']}/config", {**connector["config"], **changes})

    async def tasks(self, name: str) -> list[str]:
        """The states of a connector's tasks; none while it starts."""
        answer = await self._ask("GET", f"/connectors/{name}/status")
        return [task["state"] for task in answer["tasks"]] if answer else []

    async def restart(self, name: str) -> None:
        """Start a connector's failed tasks again."""
        await self._ask("POST", f"/connectors/{name}/restart?includeTasks=true&onlyFailed=true")

    async def replace(self, connector: Mapping[str, Any], **changes: str) -> None:
        """Change a connector's settings while none of its tasks runs."""
        await self.stop(connector["name"])
        await self.put(connector, **changes)
        await self.resume(connector["name"])

    async def stop(self, name: str) -> None:
        """End a connector's tasks, and wait for that."""
        await self._ask("PUT", f"/connectors/{name}/stop")

        async def stopped() -> bool:
            return not await self.tasks(name)

        await wait_until(stopped, f"the end of the tasks of {name}", _STOPPED_WITHIN)

    async def resume(self, name: str) -> None:
        """Resume a connector that was stopped."""
        await self._ask("PUT", f"/connectors/{name}/resume")

    async def rewind(self, name: str, offsets: Mapping[int, int]) -> None:
        """Make a connector, named as its topic, send again from these offsets on, by partition."""
        await self.stop(name)
        positions = [
            {"partition": {"kafka_topic": name, "kafka_partition": partition}, "offset": {"kafka_offset": offset}}
            for partition, offset in offsets.items()
        ]
        await self._ask("PATCH", f"/connectors/{name}/offsets", {"offsets": positions})
        await self.resume(name)

    async def dead_letters(self, name: str) -> int:
        """How many records of a connector Connect could not convert or transform."""
        return int(await self.metric(f'kafka_connect_dead_letters{{connector="{name}"'))

    async def metric(self, series: str) -> float:
        """The sum of the metrics that begin so."""
        lines = [line for line in (await self._scrape()).splitlines() if line.startswith(series)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    async def _scrape(self) -> str:
        """Its metrics, as Prometheus reads them."""
        async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{self.metrics}/metrics") as answer:
            return await answer.text()

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        timeout = aiohttp.ClientTimeout(total=_ANSWERED_WITHIN)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(method, self._url + path, json=body, headers=_JSON) as answer,
            ):
                text = await answer.text()
                if answer.status == 404 and method == "GET":
                    return None
                if answer.status >= 300:
                    raise Unavailable(f"Kafka Connect answered {answer.status} to {method} {path}: {text[:500]}")
                return json.loads(text) if text else None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"Kafka Connect did not answer {method} {path}: {type(error).__name__}") from error


async def _healthy(port: int, deadline: float) -> bool:
    """Whether the worker has joined its group and takes connectors: it speaks HTTP long before."""
    timeout = aiohttp.ClientTimeout(total=max(0.1, deadline - time.monotonic()))
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://{HOST}:{port}/health") as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def connectors() -> list[dict[str, Any]]:
    """The connectors that are deployed, one for each topic, in order of their names."""
    return [json.loads(path.read_text("utf-8")) for path in sorted((HOME / "connectors").glob("*.json"))]


def transformation() -> dict[str, Any]:
    """The connector that shows what Kafka's own transformations do."""
    connector: dict[str, Any] = json.loads((HOME / "examples" / "transformed-transactions.json").read_text("utf-8"))
    return connector
