"""The stack: every function in its own process behind one front, each with its own identity, on one state directory."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TextIO

from local.stack import stand_ins, tokens, topology
from local.stack.accounts import CALLERS, ENVIRONMENT
from local.stack.auth_proxy import AuthProxy
from local.stack.deliveries import Deliveries
from local.stack.http_listener import free_ports
from local.stack.log_sink import LogSink
from local.stack.messaging import BrokerMessaging, EmulatorMessaging, Messaging
from local.stack.metadata import MetadataServer
from local.stack.process import READY_WITHIN, ROOT, ProcessReaper, ServerProcess, framework
from local.stack.scheduler import Scheduler
from local.stack.stand_ins import StandIns
from local.stack.state_directory import StateDirectory, inherited
from shared.composition.ports import Ports, open_ports
from shared.deadline import Deadline
from shared.embedded import stack_file
from shared.messaging.messages import Message

FUNCTIONS = (
    *("risk_features", "merchant_features", "risk_decision", "advice", "command_dispatch", "push_notification"),
    *("notification_preferences", "dead_letters", "operator_api", "scheduled_work"),
)
"""In the order they are started."""

PROJECT = "slacker-local"

_RISK_FUNCTIONS = ("risk_decision",)
_PUBLISHED_WITHIN = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be chosen: `port` of the front, `ports` of functions (0 or absent: free ones), whether time is replayed.

    `sources` replaces a function's main.py; `environment` is added to that of every function. With `emulators`
    documents and messages are in Google's emulators instead of in files.
    """

    state: Path = Path(".slacker")
    fresh: bool = False
    replay: bool = False
    port: int = 0
    ports: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    emulators: bool = False
    ready_within: float = READY_WITHIN


class Stack:
    """An asynchronous context: entered, everything serves; left, nothing that was started is left."""

    def __init__(
        self, settings: Settings, functions: Sequence[str] = FUNCTIONS, deliveries: Deliveries | None = None
    ) -> None:
        self.settings = settings
        self.state = StateDirectory(settings.state.resolve())
        self._names = tuple(functions)
        self._claim: TextIO | None = None
        self._reaper: ProcessReaper | None = None
        self._front: AuthProxy | None = None
        self._metadata: dict[str, MetadataServer] = {}
        self._messaging: Messaging | None = None
        self._sink: LogSink | None = None
        self._publisher: Ports | None = None
        self._stand_ins: StandIns | None = None
        self._scheduler: Scheduler | None = None
        self.processes: dict[str, ServerProcess] = {}
        self.deliveries = deliveries or Deliveries(topology.subscribers(self._names))

    async def __aenter__(self) -> Self:
        """Start everything, or nothing: what started is stopped before the error leaves."""
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    @property
    def front(self) -> AuthProxy:
        """What callers reach."""
        if self._front is None:
            raise RuntimeError("enter the stack first")
        return self._front

    def url(self, function: str) -> str:
        """A function's address behind the front, which is also the audience of its tokens."""
        return self.front.routes[function].url

    @property
    def stand_ins(self) -> Mapping[str, str]:
        """The addresses of the stand-ins by name; none where no function calls any."""
        return self._stand_ins.urls if self._stand_ins is not None else {}

    def stand_in(self, name: str) -> str:
        """The address of one of them."""
        return self.stand_ins[name]

    @property
    def messaging(self) -> Messaging:
        """What carries its messages."""
        if self._messaging is None:
            raise RuntimeError("this stack has no event functions, or is not entered")
        return self._messaging

    def backend(self) -> Ports:
        """The adapters that its functions use; close them after use."""
        return open_ports(self._common())

    async def publish(self, topic: str, messages: Sequence[Message]) -> None:
        """Publish, and follow what becomes of it; raises what the publisher does."""
        if self._publisher is None:
            raise RuntimeError("this stack has no event functions, or is not entered")
        sent_at = time.perf_counter()
        ids = await self._publisher.publisher.publish(topic, messages, Deadline.after(_PUBLISHED_WITHIN))
        self.deliveries.publishing(topic, ids, sent_at)

    async def settled(self, within: float) -> bool:
        """Whether all that was said and published so far is acknowledged within so many seconds."""
        if self._sink is not None:
            await self._sink.drain()
        return await self.deliveries.idle(within)

    async def _start(self) -> None:
        self._claim = self.state.claim()
        if self.settings.fresh:
            self.state.wipe()
        self.tokens = tokens.load_or_create(self.state.key)
        chosen = {name: self.settings.ports.get(name, 0) for name in self._names}
        free = iter(free_ports(len(chosen)))
        ports = {name: port or next(free) for name, port in chosen.items()}
        self._front = AuthProxy(self.tokens, ports, self.settings.port, self.deliveries.passed)
        await self._front.start()
        self._reaper = ProcessReaper()
        self._messaging = self._carrier(self._reaper)
        if stand_ins.CALL_THEM.intersection(self._names):
            await stand_ins.keep_secrets(self.state)
            self._stand_ins = StandIns(self.state, self._reaper)
            self.processes["stand_ins"] = self._stand_ins.process
        for name in self._names:
            self._metadata[name] = MetadataServer(self.tokens, f"{name}@slacker.local", PROJECT)
            await self._metadata[name].start()
            self.processes[name] = self._process(name, self._reaper)
        if self._messaging is not None:
            self.processes |= self._messaging.processes
        try:
            async with asyncio.TaskGroup() as starting:
                for process in self.processes.values():
                    starting.create_task(process.start())
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        await self._connect()
        stack_file.announce(
            self.state.directory,
            {
                "front": self.front.base,
                "functions": {name: self.url(name) for name in self._names},
                "stand_ins": self.stand_ins,
            },
        )
        if "scheduled_work" in self._names:
            self._scheduler = Scheduler(self.url("scheduled_work"), self.tokens)
            self._scheduler.start()

    def _carrier(self, reaper: ProcessReaper) -> Messaging | None:
        """What carries messages, if any function is pushed to."""
        urls = {name: self.url(name) for name in self._names if name in topology.PUSHED}
        if not urls:
            return None
        if self.settings.emulators:
            return EmulatorMessaging(self.state, PROJECT, urls, reaper, self.tokens)
        return BrokerMessaging(self.state, PROJECT, urls, reaper)

    async def _connect(self) -> None:
        if self._messaging is None:
            return
        await self._messaging.connect()
        self._publisher = self.backend()
        if "advice" in self._names:
            self._sink = LogSink([self.state.logs / "advice.jsonl"], self.publish)
            self._sink.start()

    def _process(self, name: str, reaper: ProcessReaper) -> ServerProcess:
        route = self.front.routes[name]
        source = self.settings.sources.get(name, ROOT / "functions" / name / "main.py")
        return ServerProcess(
            name=name,
            command=framework(name, source, route.port),
            port=route.port,
            environment=self._environment(name),
            reaper=reaper,
            logs=self.state.logs,
            ready=route.ready,
            ready_within=self.settings.ready_within,
        )

    def _common(self) -> dict[str, str]:
        """The environment variables that say where documents, secrets and messages are."""
        return {
            "SLACKER_ENVIRONMENT": "local",
            "SLACKER_STATE": str(self.state.directory),
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            **(self._messaging.environment if self._messaging is not None else {}),
        }

    def _environment(self, name: str) -> dict[str, str]:
        risk = ",".join(f"{other}={self.url(other)}" for other in self._names if other in _RISK_FUNCTIONS)
        return {
            **inherited(),
            **self._common(),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "SLACKER_CALLERS": CALLERS.get(name, ""),
            "SLACKER_REPLAY": "on" if self.settings.replay else "off",
            "SLACKER_RISK_FUNCTIONS": risk,
            "GCE_METADATA_HOST": self._metadata[name].host,
            **(self._stand_ins.environment if self._stand_ins is not None else {}),
            "SLACKER_REVIEW_LINK": f"{self.front.base}/operator_api/v1/reviews/{{review}}",
            **ENVIRONMENT.get(name, {}),
            **self.settings.environment,
        }

    async def _stop(self) -> None:
        if self._scheduler is not None:
            await self._scheduler.stop()
        if self._sink is not None:
            await self._sink.stop()
        if self._publisher is not None:
            await self._publisher.close()
        if self._messaging is not None:
            await self._messaging.close()
        await asyncio.gather(*(process.stop() for process in self.processes.values()))
        for metadata in self._metadata.values():
            await metadata.close()
        if self._front is not None:
            await self._front.close()
        if self._reaper is not None:
            self._reaper.close()
        if self._claim is not None:
            self._claim.close()
