"""The stack: every function in its own process behind one front, each with its own identity, on one state directory."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TextIO

from local import tokens
from local.front import Front
from local.listener import free_ports
from local.metadata import MetadataServer
from local.process import READY_WITHIN, ROOT, FunctionProcess, Guard
from local.state import State, inherited

FUNCTIONS = ("risk_decision", "advice")
"""In the order they are started."""

PROJECT = "slacker-local"


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be chosen: `port` of the front, `ports` of functions (0 or absent: free ones), whether time is replayed.

    `sources` replaces a function's main.py; `environment` is added to that of every function.
    """

    state: Path = Path(".slacker")
    fresh: bool = False
    replay: bool = False
    port: int = 0
    ports: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_within: float = READY_WITHIN


class Stack:
    """An asynchronous context: entered, everything serves; left, nothing that was started is left."""

    def __init__(self, settings: Settings, functions: Sequence[str] = FUNCTIONS) -> None:
        self.settings = settings
        self.state = State(settings.state.resolve())
        self._names = tuple(functions)
        self._claim: TextIO | None = None
        self._guard: Guard | None = None
        self._front: Front | None = None
        self._metadata: dict[str, MetadataServer] = {}
        self.processes: dict[str, FunctionProcess] = {}

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
    def front(self) -> Front:
        """What callers reach."""
        if self._front is None:
            raise RuntimeError("enter the stack first")
        return self._front

    def url(self, function: str) -> str:
        """A function's address behind the front, which is also the audience of its tokens."""
        return self.front.routes[function].url

    async def _start(self) -> None:
        self._claim = self.state.claim()
        if self.settings.fresh:
            self.state.wipe()
        self.tokens = tokens.load_or_create(self.state.key)
        chosen = {name: self.settings.ports.get(name, 0) for name in self._names}
        free = iter(free_ports(len(chosen)))
        ports = {name: port or next(free) for name, port in chosen.items()}
        self._front = Front(self.tokens, ports, self.settings.port)
        await self._front.start()
        self._guard = Guard()
        for name in self._names:
            self._metadata[name] = MetadataServer(self.tokens, f"{name}@slacker.local", PROJECT)
            await self._metadata[name].start()
            self.processes[name] = self._process(name, self._guard)
        try:
            async with asyncio.TaskGroup() as starting:
                for process in self.processes.values():
                    starting.create_task(process.start())
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        self.state.announce({"front": self.front.base, "functions": {name: self.url(name) for name in self._names}})

    def _process(self, name: str, guard: Guard) -> FunctionProcess:
        route = self.front.routes[name]
        return FunctionProcess(
            name=name,
            source=self.settings.sources.get(name, ROOT / "functions" / name / "main.py"),
            port=route.port,
            environment=self._environment(name),
            logs=self.state.logs,
            guard=guard,
            ready=route.ready,
            ready_within=self.settings.ready_within,
        )

    def _environment(self, name: str) -> dict[str, str]:
        others = ",".join(f"{other}={self.url(other)}" for other in self._names if other != "advice")
        return {
            **inherited(),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "SLACKER_ENVIRONMENT": "local",
            "SLACKER_STATE": str(self.state.directory),
            "SLACKER_CALLERS": "advice@slacker.local",
            "SLACKER_REPLAY": "on" if self.settings.replay else "off",
            "SLACKER_RISK_FUNCTIONS": others,
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "GCE_METADATA_HOST": self._metadata[name].host,
            **self.settings.environment,
        }

    async def _stop(self) -> None:
        await asyncio.gather(*(process.stop() for process in self.processes.values()))
        for metadata in self._metadata.values():
            await metadata.close()
        if self._front is not None:
            await self._front.close()
        if self._guard is not None:
            self._guard.close()
        if self._claim is not None:
            self._claim.close()
