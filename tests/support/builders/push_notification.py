"""`push_notification` as it is composed, over a store and a publisher of this process, and notifications for it."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.baselines.metadata.main import token
from functions.push_notification.log_lines import NotificationLog
from functions.push_notification.main import compose
from functions.push_notification.notifier import Notifier
from functions.push_notification.sender import OutgoingPush, Sender
from functions.push_notification.settings import configuration
from shared.commands.command import Command
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import open_ports
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.ids import OperationRef
from shared.messaging.messages import Message as Letter
from shared.messaging.subscriber import PushSubscriber
from shared.notifications import devices, history, preferences
from shared.notifications.delivery_result import DeliveryResult, accepted
from shared.notifications.devices import Device, Devices
from shared.notifications.history import HistoryEntry
from shared.notifications.notification import Channel
from shared.notifications.preferences import Preferences
from shared.notifications.rendering import PreparedNotification
from shared.runtime.log import Log
from shared.storage.documents import Create, Documents
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS
from tests.support.http_requests import starlette_request
from tests.support.push_client import CALLER, envelope

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 23, tzinfo=UTC)
CLIENT = TOKENS.client("C-1")


def command(id_: str = "n-1", /, *, lives: timedelta = timedelta(hours=12), **payload: Any) -> Command:
    """A command that asks for a notification, issued at noon."""
    fields = {"client_id": "C-1", "channel": "push", "template": "payment_declined", "category": "security", **payload}
    return Command(
        id=id_, type="notify_client", version=1, issued_at=NOON, issued_by="risk_decision", not_after=NOON + lives,
        payload=fields, operation=OperationRef("transaction", "op-1", 1),
    )  # fmt: skip


def reward(id_: str, points: int) -> Command:
    """A command that tells of points."""
    return command(id_, template="reward_earned", category="rewards", variables={"points": points})


def device(id_: str = "phone", address: str = "f" * 22, seen_at: datetime = NOON) -> Device:
    """A registered device."""
    return Device(id_, "fid", address, TOKENS.token("device_address", address), "android", seen_at)


@dataclass
class Scripted:
    """A sender that does as told, then accepts; `out` is everything that was sent."""

    then: list[DeliveryResult | Exception] = field(default_factory=list)
    needs_device: bool = False
    out: list[OutgoingPush] = field(default_factory=list)

    async def send(self, out: OutgoingPush, deadline: Deadline) -> DeliveryResult:
        self.out.append(out)
        outcome = self.then.pop(0) if self.then else accepted(f"ref-{len(self.out)}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Function:
    """The function under test; `push` and `text` are its senders."""

    state: Path
    push: Sender = field(default_factory=lambda: Scripted(needs_device=True))
    text: Sender = field(default_factory=Scripted)
    documents: Documents = field(default_factory=MemoryDocuments)
    environ: Mapping[str, str] = field(default_factory=dict)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON, skip_sleeps=True))

    def __post_init__(self) -> None:
        self.publisher = MemoryPublisher()
        self.printed = io.BytesIO()
        self._entry = EntryPoint("push_notification", lambda _: self._service(), self.clock)

    @property
    def now(self) -> datetime:
        """What its clock says."""
        return self.clock.now()

    @now.setter
    def now(self, now: datetime) -> None:
        self.clock.set_now(now)

    async def knows(self, *registered: Device, chose: Preferences | None = None) -> "Function":
        """The same function, with what a client has registered and chosen in its store."""
        writes = [Create(devices.key(CLIENT), devices.CODEC.encode(Devices(devices=tuple(registered))))]
        if chose is not None:
            writes.append(Create(preferences.key(CLIENT), preferences.CODEC.encode(chose)))
        await self.documents.commit(writes, plenty())
        return self

    async def send(self, notification: Command, attempt: int = 1) -> int:
        """The status that the push of a command is answered with."""
        return await self.deliver(notification.encoded(), attempt)

    async def deliver(self, data: bytes, attempt: int = 1) -> int:
        """The status that the push of a body is answered with."""
        body = envelope(data, "notifications.push_notification", attempt=attempt)
        sent = {"authorization": f"Bearer {token(CALLER)}", "content-length": str(len(body))}
        return (await self._entry(starlette_request(body, sent))).status_code

    async def entries(self) -> Sequence[HistoryEntry]:
        """The history of the client."""
        key = history.key(CLIENT)
        [document] = await self.documents.read([key], plenty())
        return history.read(key, document).history.entries

    async def stands(self) -> list[tuple[str, str]]:
        """Status and reason of each entry."""
        return [(entry.status.value, entry.reason) for entry in await self.entries()]

    def letters(self) -> list[Letter]:
        """The dead letters."""
        return self.publisher.published.get("commands-dead-letter", [])

    def lines(self) -> list[dict[str, Any]]:
        """What it told its log."""
        return [json.loads(line) for line in self.printed.getvalue().splitlines()]

    def _service(self) -> PushSubscriber[PreparedNotification]:
        environ = {
            "SLACKER_ENVIRONMENT": "local",
            "SLACKER_BACKEND": "memory",
            "SLACKER_STATE": str(self.state),
            "SLACKER_CALLERS": CALLER,
            "SLACKER_TIME_ZONE": "UTC",
            **self.environ,
        }
        ports = replace(open_ports(environ, self.clock), documents=self.documents, _publisher=self.publisher)
        service = compose(ports, configuration(environ), {Channel.PUSH: self.push, Channel.TEXT: self.text})
        assert isinstance(service.intake, Notifier)
        log = Log("push_notification", TOKENS, stream=self.printed)
        intake = replace(service.intake, lines=NotificationLog(log), clock=self.clock)
        return replace(service, log=log, intake=intake)


def sent(sender: Sender) -> list[str]:
    """The bodies that a scripted sender was given."""
    assert isinstance(sender, Scripted)
    return [outgoing.body for outgoing in sender.out]
