"""How messages and documents travel in a stack: through the local broker and SQLite, or through Google's emulators."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from typing import Protocol

import aiohttp
import msgspec

from local.broker.status import Status
from local.stack.emulator_proxy import EmulatorProxy
from local.stack.http_listener import HOST, free_ports
from local.stack.process import ProcessReaper, ServerProcess
from local.stack.state_directory import StateDirectory, inherited
from local.stack.tokens import Tokens
from local.stack.topology import ARCHIVE, HELD, topology
from shared.errors import Misconfigured

_ARCHIVED_WITHIN, _LOOK_EVERY = 2.0, 0.05  # seconds
_EMULATOR_READY_WITHIN = 60.0  # seconds: a Java virtual machine


class Messaging(Protocol):
    """What carries messages."""

    @property
    def processes(self) -> Mapping[str, ServerProcess]:
        """What the stack starts, by name."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of its functions."""
        ...

    async def connect(self) -> None:
        """Do what remains once the processes serve."""
        ...

    async def dead_letters(self) -> int:
        """How many dead letters of events there are, drained or not."""
        ...

    async def close(self) -> None:
        """Release what was opened, before the processes end."""
        ...


class BrokerMessaging:
    """The local broker, which pushes to `urls` and writes the archive."""

    def __init__(self, state: StateDirectory, project: str, urls: Mapping[str, str], reaper: ProcessReaper) -> None:
        (port,) = free_ports(1)
        config = state.directory / "broker.json"
        config.write_bytes(msgspec.json.encode(topology(project, urls)))
        command = [sys.executable, "-m", "local.broker", "serve", "--config", str(config), "--port", str(port)]
        command += ["--file", str(state.broker), "--key", str(state.key), "--archive", str(state.archive)]
        # With the state in its environment, a process that a stack left behind can be recognised.
        environment = {**inherited(), "SLACKER_STATE": str(state.directory)}
        self.url = f"http://{HOST}:{port}"
        process = ServerProcess("broker", command, port, environment, reaper, state.logs)
        self.processes: Mapping[str, ServerProcess] = {"broker": process}
        self.environment: Mapping[str, str] = {"SLACKER_BROKER": self.url}

    async def connect(self) -> None:
        """See the protocol."""

    async def close(self) -> None:
        """Let the archive catch up; what it does not get now it gets when the broker runs again."""
        with suppress(aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(_ARCHIVED_WITHIN):
                while await self._unarchived():  # noqa: ASYNC110 - in another process
                    await asyncio.sleep(_LOOK_EVERY)

    async def dead_letters(self) -> int:
        """See the protocol."""
        status = await self.status()
        return sum(
            subscription.backlog + subscription.acknowledged
            for subscription in status.subscriptions
            if subscription.name == HELD
        )

    async def _unarchived(self) -> int:
        return sum(
            subscription.backlog
            for subscription in (await self.status()).subscriptions
            if subscription.name.endswith(f".{ARCHIVE}")
        )

    async def status(self) -> Status:
        """The broker's status."""
        async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(f"{self.url}/status") as answer:
            return msgspec.json.decode(await answer.read(), type=Status)


class EmulatorMessaging:
    """Google's emulators of Pub/Sub, which pushes, and of Firestore; `gcloud` must have them installed."""

    def __init__(
        self, state: StateDirectory, project: str, urls: Mapping[str, str], reaper: ProcessReaper, tokens: Tokens
    ) -> None:
        if find_spec("grpc") is None:
            raise Misconfigured("functions need Google's libraries for its emulators: nox -s demo -- --emulators")
        firestore, pubsub = free_ports(2)
        self._project = project
        self._topology = topology(project, urls)
        self._base = f"http://{HOST}:{pubsub}/v1/projects/{project}"
        self.proxy = EmulatorProxy(tokens, self._topology, state.archive)
        environment = {**inherited(), "SLACKER_STATE": str(state.directory)}
        data = state.directory / "pubsub"
        data.mkdir(exist_ok=True)
        commands = {
            "firestore": (["gcloud", "emulators", "firestore", "start"], firestore),
            "pubsub": (["gcloud", "beta", "emulators", "pubsub", "start", f"--data-dir={data}"], pubsub),
        }
        self.processes: Mapping[str, ServerProcess] = {
            name: ServerProcess(
                name, [*command, f"--host-port={HOST}:{port}", "--quiet"], port, environment, reaper,
                ready_within=_EMULATOR_READY_WITHIN,
            )
            for name, (command, port) in commands.items()
        }  # fmt: skip
        self.environment: Mapping[str, str] = {
            "SLACKER_BACKEND": "gcp",
            "FIRESTORE_EMULATOR_HOST": f"{HOST}:{firestore}",
            "PUBSUB_EMULATOR_HOST": f"{HOST}:{pubsub}",
        }

    async def connect(self) -> None:
        """See the protocol."""
        await self.proxy.start()
        await self.create_topology()

    async def create_topology(self) -> None:
        """Make topics, and subscriptions that push to the gateway: in memory, as everything in an emulator is."""
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            for topic in self._topology.topics:
                await session.put(f"{self._base}/topics/{topic}", json={})
            for subscription in self._topology.subscriptions:
                resource = {
                    "topic": f"projects/{self._project}/topics/{subscription.topic}",
                    "pushConfig": {"pushEndpoint": self.proxy.url(subscription.name)}
                    if self.proxy.takes(subscription)
                    else {},
                    "ackDeadlineSeconds": int(subscription.ack_deadline),
                    "retryPolicy": {"minimumBackoff": "0.1s", "maximumBackoff": "10s"},
                }
                await session.put(f"{self._base}/subscriptions/{subscription.name}", json=resource)

    async def close(self) -> None:
        """Delete the subscriptions: one that is left is pushed for ever."""
        async with aiohttp.ClientSession() as session:
            for subscription in self._topology.subscriptions:
                try:
                    await session.delete(f"{self._base}/subscriptions/{subscription.name}")
                except aiohttp.ClientError:
                    break
        await self.proxy.close()

    async def dead_letters(self) -> int:
        """See the protocol."""
        return self.proxy.acknowledged[HELD]
