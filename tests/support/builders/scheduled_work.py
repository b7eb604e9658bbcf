"""`scheduled_work` over a store and a publisher of this process, and calls to it."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.baselines.metadata.main import token
from functions.scheduled_work.main import compose
from functions.scheduled_work.service import Service
from functions.scheduled_work.task import Task
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.runtime.log import Log
from shared.storage.documents import Documents
from tests.support.event_streams import TOKENS
from tests.support.http_requests import starlette_request

SCHEDULER = "scheduler@slacker.local"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def environ(state: Path) -> dict[str, str]:
    """Its environment."""
    return {
        "SLACKER_ENVIRONMENT": "local",
        "SLACKER_BACKEND": "memory",
        "SLACKER_STATE": str(state),
        "SLACKER_CALLERS": SCHEDULER,
    }


@dataclass
class Function:
    """The function under test; `works` replaces what it does."""

    state: Path
    documents: Documents = field(default_factory=MemoryDocuments)
    publisher: MemoryPublisher = field(default_factory=MemoryPublisher)
    works: Sequence[Task] | None = None
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW, skip_sleeps=True))

    def __post_init__(self) -> None:
        self.printed = io.BytesIO()
        self._entry = EntryPoint("scheduled_work", lambda _: self._service(), self.clock)

    @property
    def now(self) -> datetime:
        """What its clock says."""
        return self.clock.now()

    @now.setter
    def now(self, now: datetime) -> None:
        self.clock.set_now(now)

    async def call(self, method: str = "POST", path: str = "/", caller: str = SCHEDULER) -> tuple[int, Any]:
        """Status and content of an answer."""
        headers = {"authorization": f"Bearer {token(caller)}", "content-length": "0"}
        response = await self._entry(starlette_request(headers=headers, method=method, path=path))
        return response.status_code, json.loads(bytes(response.body) or b"null")

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """What it told its log, of one kind."""
        lines = [json.loads(line) for line in self.printed.getvalue().splitlines()]
        return [line for line in lines if line["kind"] == kind]

    def ports(self) -> Ports:
        """The ports that it runs on."""
        return replace(open_ports(environ(self.state), self.clock), documents=self.documents, _publisher=self.publisher)

    def _service(self) -> Service:
        service = compose(self.ports(), Log("scheduled_work", TOKENS, stream=self.printed))
        works = service.tasks if self.works is None else self.works
        return replace(service, tasks=works, clock=self.clock)
