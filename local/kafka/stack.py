"""The stack with Kafka: a broker, Kafka Connect, a schema registry, Google's emulators and Slacker's functions."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import aiohttp

from local.kafka import certificates
from local.kafka.acls import BrokerAdmin, Login, connect_rights, read_rights, write_rights
from local.kafka.arrivals import Arrivals
from local.kafka.broker import ADMIN, Broker, login
from local.kafka.connect import USER, Connect, WorkerEnvironment, connectors, transformation
from local.kafka.polling import wait_until
from local.kafka.producer import USER as BANK
from local.kafka.producer import BankProducer
from local.kafka.pubsub_front import PubsubFront
from local.kafka.registry import SchemaRegistry
from local.stack.messaging import EmulatorMessaging
from local.stack.process import ProcessReaper, ServerProcess
from local.stack.stack import PROJECT, Settings, Stack
from local.stack.topology import subscribers
from shared.errors import Unavailable
from shared.events.avro.topic_encoding import versions

FUNCTIONS = ("risk_features", "merchant_features", "risk_decision", "advice")
"""Those between an event and the advice that knows of it."""

CONNECT_DEAD_LETTERS = "slacker-connect-dead-letters"
FOREIGN_TOPIC = "payroll"
"""A topic of the bank's that Slacker may not read."""

_RUNNING_WITHIN = 60.0  # seconds


class KafkaStack:
    """An asynchronous context: entered, everything serves and every connector runs; left, nothing is left.

    `worker` holds other settings for Connect's worker, where something is measured.
    """

    def __init__(self, settings: Settings, jars: Path, worker: Mapping[str, str] | None = None) -> None:
        self._settings = settings
        self._worker = worker or {}
        self._jars = jars
        self._exits = AsyncExitStack()
        self.arrivals = Arrivals(subscribers(FUNCTIONS))
        self.schemas: dict[str, int] = {}
        self.stack: Stack
        self.broker: Broker
        self.registry: SchemaRegistry
        self.connect: Connect
        self.producer: BankProducer
        self.certificates: certificates.Certificates
        self.passwords: dict[str, str] = {name: secrets.token_hex(16) for name in (ADMIN, BANK, USER)}

    async def __aenter__(self) -> Self:
        """Start everything, or nothing."""
        try:
            await self._start()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    def login(self, user: str) -> Login:
        """The login of a user of the broker."""
        return Login(self.broker.address, user, self.passwords[user], self.certificates.authority)

    @property
    def messaging(self) -> EmulatorMessaging:
        """The emulators."""
        messaging = self.stack.messaging
        if not isinstance(messaging, EmulatorMessaging):
            raise TypeError("this stack runs on emulators")
        return messaging

    @property
    def processes(self) -> Mapping[str, ServerProcess]:
        """Everything that was started, by name."""
        own = {"kafka": self.broker.process, "registry": self.registry.process, "connect": self.connect.process}
        return {**self.stack.processes, **own}

    async def running(self, connector: Mapping[str, Any]) -> None:
        """Wait until all of a connector's tasks run. Raises `Unavailable` where one fails, or none starts in time."""
        name, tasks = connector["name"], int(connector["config"]["tasks.max"])

        async def all_run() -> bool:
            states = await self.connect.tasks(name)
            if "FAILED" in states:
                raise Unavailable(f"a task of the connector {name} failed to start")
            return states == ["RUNNING"] * tasks

        await wait_until(all_run, f"the start of the connector {name}", _RUNNING_WITHIN)

    async def transform(self) -> None:
        """Start the connector that transforms, with the topics and rights that it needs beside the others."""
        connector = transformation()
        topic = connector["config"]["topics"]
        await self.emulate([topic])
        await self.connect.put(connector)
        await self.running(connector)

    async def emulate(self, topics: Iterable[str]) -> None:
        """Make topics at the emulator, each with a subscription `{topic}.pulled` to pull from."""
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            for topic in topics:
                name = f"projects/{PROJECT}/topics/{topic}"
                await session.put(f"{self._pubsub}/topics/{topic}", json={})
                await session.put(f"{self._pubsub}/subscriptions/{topic}.pulled", json={"topic": name})

    async def pull(self, topic: str) -> list[dict[str, Any]]:
        """Messages that wait in `{topic}.pulled`, acknowledged, in the form of Pub/Sub's REST interface."""
        url = f"{self._pubsub}/subscriptions/{topic}.pulled"
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            async with session.post(f"{url}:pull", json={"maxMessages": 100}) as answer:
                received = (await answer.json()).get("receivedMessages", [])
            if received:
                await session.post(f"{url}:acknowledge", json={"ackIds": [message["ackId"] for message in received]})
        return [message["message"] for message in received]

    @property
    def _pubsub(self) -> str:
        return f"http://{self.stack.messaging.environment['PUBSUB_EMULATOR_HOST']}/v1/projects/{PROJECT}"

    async def _start(self) -> None:
        state = self._settings.state.resolve()
        logs = state / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        folder = Path(self._exits.enter_context(TemporaryDirectory(prefix="kafka-", dir=state)))
        reaper = ProcessReaper()
        self._exits.callback(reaper.close)
        self.certificates = certificates.make(folder)
        self.broker = Broker(self._jars, folder, self.certificates, self.passwords, reaper, logs)
        self.registry = SchemaRegistry(self._jars, reaper, logs)
        environment = {**self._settings.environment, "SLACKER_REGISTRY": self.registry.url}
        settings = replace(self._settings, emulators=True, replay=True, environment=environment)
        self.stack = Stack(settings, FUNCTIONS, self.arrivals)
        for process in (self.broker.process, self.registry.process):
            self._exits.push_async_callback(process.stop)
        async with asyncio.TaskGroup() as starting:
            starting.create_task(self._exits.enter_async_context(self.stack))
            starting.create_task(self.registry.process.start())
            starting.create_task(self._prepared())
        await self._connected(folder, reaper, logs)

    async def _prepared(self) -> None:
        """The broker, with topics and rights."""
        await self.broker.start()
        deployed, example = [connector["config"]["topics"] for connector in connectors()], transformation()
        transformed = example["config"]["topics"]
        access = BrokerAdmin(self.login(ADMIN))
        await access.topics([*deployed, transformed, CONNECT_DEAD_LETTERS, FOREIGN_TOPIC])
        user, rights = connect_rights()
        await access.grant(user, [*rights, *read_rights(transformed, f"connect-{example['name']}")])
        await access.grant(BANK, write_rights([*deployed, transformed, FOREIGN_TOPIC]))

    async def _connected(self, folder: Path, reaper: ProcessReaper, logs: Path) -> None:
        """Schemas registered, and Connect with its connectors."""
        for topic in (connector["config"]["topics"] for connector in (*connectors(), transformation())):
            events = topic.removeprefix("transformed-")
            self.schemas[topic] = await self.registry.register(topic, dict(versions(events)[0].parsed))
        emulator = self.stack.messaging.environment["PUBSUB_EMULATOR_HOST"]
        front = PubsubFront(self.certificates, lambda: emulator, folder)
        self._exits.push_async_callback(front.close)
        await front.start()
        worker = WorkerEnvironment(
            kafka=self.broker.address,
            login=login(USER, self.passwords[USER]),
            certificates=self.certificates,
            project=PROJECT,
            pubsub=front.endpoint,
            credentials=front.credentials,
            registry=self.registry.own,
        )
        self.connect = Connect(self._jars, folder, worker, reaper, logs, self._worker)
        self._exits.push_async_callback(self.connect.process.stop)
        await self.connect.process.start()
        for connector in connectors():
            await self.connect.put(connector)
        for connector in connectors():
            await self.running(connector)
        self.producer = BankProducer(self.login(BANK))
