"""The function that drains dead letters, on a store in memory, and messages as Pub/Sub hands them to it."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.baselines.metadata.main import token
from functions.dead_letters.main import compose
from functions.dead_letters.subscriber import LetterSubscriber
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import open_ports
from shared.dead_letters.letter import CODEC, LETTERS, Letter
from shared.dead_letters.store import LetterStore, StoredLetter
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.messaging.dead_letter_publisher import COMMANDS, DeadLetterPublisher
from shared.messaging.messages import Delivery, Message
from shared.runtime.log import Log
from shared.storage.documents import Documents
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS
from tests.support.http_requests import starlette_request
from tests.support.push_client import CALLER, envelope

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
TICKETS = "commands-create-ticket.command_dispatch"


async def buried(message: Message, error: Exception, subscription: str = TICKETS, attempt: int = 1) -> Message:
    """What a function publishes to the dead letters of a message that it cannot process."""
    publisher = MemoryPublisher()
    way_out = DeadLetterPublisher(publisher, COMMANDS, subscription.partition(".")[2])
    await way_out.publish_error(Delivery(message, "m-7", subscription, attempt, AT), error, plenty())
    [letter] = publisher.published[COMMANDS]
    return letter


def forwarded(message: Message, subscription: str = TICKETS, times: int = 20) -> Message:
    """What Pub/Sub's own policy publishes there (https://cloud.google.com/pubsub/docs/dead-letter-topics)."""
    source = {
        "SourceDeliveryCount": str(times),
        "SourceSubscription": subscription,
        "SourceSubscriptionProject": "p",
        "SourceTopicPublishTime": AT.isoformat(timespec="milliseconds"),
    }
    added = {f"CloudPubSubDeadLetter{name}": value for name, value in source.items()}
    return Message(message.data, {**message.attributes, **added})


@dataclass
class Drain:
    """The function under test."""

    state: Path
    documents: Documents = field(default_factory=MemoryDocuments)
    clock: ManualClock = field(default_factory=lambda: ManualClock(AT, skip_sleeps=True))

    def __post_init__(self) -> None:
        self.printed = io.BytesIO()
        environ = {
            "SLACKER_ENVIRONMENT": "local", "SLACKER_BACKEND": "memory", "SLACKER_STATE": str(self.state),
            "SLACKER_CALLERS": CALLER,
        }  # fmt: skip
        service = compose(replace(open_ports(environ, self.clock), documents=self.documents))
        assert isinstance(service.intake, LetterSubscriber)
        log = Log("dead_letters", TOKENS, stream=self.printed)
        service = replace(service, log=log, intake=replace(service.intake, log=log))
        self._entry = EntryPoint("dead_letters", lambda _: service, self.clock)

    async def push(self, message: Message, topic: str = COMMANDS) -> int:
        """The status that a push of a message of the dead-letter topic is answered with."""
        return await self.push_body(envelope(message.data, f"{topic}.dead_letters", message.attributes, None))

    async def push_body(self, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        sent = {"authorization": f"Bearer {token(CALLER)}", "content-length": str(len(body)), **(headers or {})}
        return (await self._entry(starlette_request(body, sent))).status_code

    async def letters(self) -> list[Letter]:
        """Everything on record, in order of time."""
        return [CODEC.decode(document) for document in await self.documents.scan(LETTERS.name, plenty(), limit=1000)]

    async def only(self) -> tuple[StoredLetter, bytes]:
        """The one letter on record, with its body."""
        [document] = await self.documents.scan(LETTERS.name, plenty())
        stored = StoredLetter.of(document)
        [body] = await LetterStore(self.documents).bodies([stored], plenty())
        return stored, body

    def lines(self) -> list[dict[str, Any]]:
        """What it told its log."""
        return [json.loads(line) for line in self.printed.getvalue().splitlines()]
