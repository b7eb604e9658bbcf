"""`command_dispatch` as it is composed, over a store, a publisher and handlers of this process, and a clock of ours."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.baselines.metadata.main import token
from functions.command_dispatch.dispatcher import Dispatcher
from functions.command_dispatch.main import compose
from shared.commands import kill_switches, ledger
from shared.commands.command import Command
from shared.commands.kill_switches import Switch
from shared.commands.ledger import Entry
from shared.commands.outcome import CommandOutcome
from shared.commands.republish import republish_due
from shared.commands.types import topic_for
from shared.composition import entry_point
from shared.composition.ports import open_ports
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.ids import OperationRef
from shared.messaging.messages import Message
from shared.messaging.publisher import Publisher
from shared.runtime.log import Log
from shared.storage.documents import Document, Documents, put
from shared.trace import Trace
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS
from tests.support.http_requests import starlette_request
from tests.support.push_client import CALLER, envelope

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

Step = CommandOutcome | Exception | Callable[[], Any]


def command(id_: str = "c-1", **changes: Any) -> Command:
    """A command that makes sense for an hour."""
    made = Command(
        id=id_,
        type="create_ticket",
        version=1,
        issued_at=NOW,
        issued_by="risk_decision",
        not_after=NOW + timedelta(hours=1),
        payload={"kind": "fraud", "summary": "Look at this"},
        operation=OperationRef("transaction", "op-1", 1),
    )
    return replace(made, **changes)


def notification(id_: str = "n-1", channel: str = "text", **changes: Any) -> Command:
    """One of the type that has channels."""
    payload = {"client_id": "client-1", "channel": channel, "template": "card_blocked", "category": "security"}
    return command(id_, type="notify_client", payload=payload, **changes)


@dataclass
class Scripted:
    """Does what it is told, then says that it is done; `calls` are the ids, and whether it was uncertain each time."""

    steps: list[Step] = field(default_factory=list)
    settling_time: timedelta = timedelta(minutes=2)
    calls: list[tuple[str, bool]] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)

    def for_type(self, kind: str) -> "Scripted":
        return self

    async def perform(self, command: Command, *, uncertain: bool, trace: Trace, deadline: Deadline) -> CommandOutcome:
        self.calls.append((command.id, uncertain))
        self.traces.append(trace)
        step = self.steps.pop(0) if self.steps else CommandOutcome.done({"ticket": "T-1"})
        if isinstance(step, Exception):
            raise step
        if isinstance(step, CommandOutcome):
            return step
        outcome = await step()
        return outcome if isinstance(outcome, CommandOutcome) else CommandOutcome.done()


@dataclass
class Dispatch:
    """A function under test; `clock` is its own."""

    state: Path
    handler: Any = field(default_factory=Scripted)
    documents: Documents = field(default_factory=MemoryDocuments)
    publisher: Publisher = field(default_factory=MemoryPublisher)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW, skip_sleeps=True))

    def __post_init__(self) -> None:
        self.printed = io.BytesIO()
        self._entry = entry_point.EntryPoint("command_dispatch", lambda _: self._service(), self.clock)

    @property
    def now(self) -> datetime:
        """What its clock says."""
        return self.clock.now()

    @now.setter
    def now(self, now: datetime) -> None:
        self.clock.set_now(now)

    async def push(self, body: bytes) -> int:
        """The status that a push of `body` is answered with."""
        headers = {"authorization": f"Bearer {token(CALLER)}", "content-length": str(len(body))}
        return (await self._entry(starlette_request(body, headers))).status_code

    async def send(self, command: Command, topic: str = "", **changes: Any) -> int:
        """The status that a command is answered with."""
        return await self.deliver(command.encoded(), topic or topic_for(command.type).name, **changes)

    async def deliver(self, data: bytes, topic: str = "commands-create-ticket", **changes: Any) -> int:
        """The status that any body of a message is answered with."""
        return await self.push(envelope(data, f"{topic}.command_dispatch", **changes))

    async def document(self, id_: str) -> Document | None:
        [document] = await self.documents.read([ledger.key(id_)], plenty())
        return document

    async def entry(self, id_: str = "c-1") -> Entry:
        """What the ledger says of a command."""
        document = await self.document(id_)
        assert document is not None
        return ledger.read(document)

    async def entries(self) -> list[Entry]:
        """Everything in the ledger."""
        documents = await self.documents.scan(ledger.COLLECTION, plenty(), limit=1000)
        return [ledger.read(document) for document in documents]

    async def turn(self, name: str, *, on: bool) -> None:
        """Turn a kill switch."""
        kind, _, channel = name.partition(".")
        key = kill_switches.key(kind, channel)
        [document] = await self.documents.read([key], plenty())
        state = kill_switches.CODEC.encode(Switch(on, "ana", self.now, "a test"))
        await self.documents.commit([put(document, key, state)], plenty())

    async def republished(self) -> list[bytes]:
        """What scheduled work publishes now."""
        publisher, soon = MemoryPublisher(), plenty()
        result = await republish_due(self.documents, publisher, now=self.now, limit=10, deadline=soon)
        messages = [message.data for messages in publisher.published.values() for message in messages]
        assert result == (len(messages), len(messages), [])
        return messages

    def letters(self) -> list[Message]:
        """The dead letters."""
        return self.published("commands-dead-letter")

    def published(self, topic: str) -> list[Message]:
        assert isinstance(self.publisher, MemoryPublisher)
        return self.publisher.published.get(topic, [])

    def lines(self) -> list[dict[str, Any]]:
        """What it told its log."""
        return [json.loads(line) for line in self.printed.getvalue().splitlines()]

    def _service(self) -> Any:
        environ = {
            "SLACKER_ENVIRONMENT": "local",
            "SLACKER_BACKEND": "memory",
            "SLACKER_STATE": str(self.state),
            "SLACKER_CALLERS": CALLER,
        }
        ports = replace(open_ports(environ), documents=self.documents, _publisher=self.publisher)
        service = compose(ports, self.handler)
        intake = service.intake
        assert isinstance(intake, Dispatcher)
        log = Log("command_dispatch", TOKENS, stream=self.printed)
        intake = replace(intake, lines=replace(intake.lines, log=log), clock=self.clock)
        return replace(service, log=log, intake=intake)
