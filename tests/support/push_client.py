"""An event function as it is composed, over a store and a publisher of this process, and pushes to it."""

import base64
import io
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.baselines.metadata.main import token
from shared.clock import SYSTEM, Clock
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Unavailable
from shared.events.avro.events import encode, topic_of
from shared.events.events import Event
from shared.events.receiver import EventReceiver
from shared.messaging.messages import Message
from shared.messaging.subscriber import PushSubscriber
from shared.privacy import Pseudonymiser
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.storage.batch_fold import BatchFold
from shared.storage.documents import Documents
from shared.storage.group_commit import GroupCommit, Limits
from tests.support.event_streams import TOKENS
from tests.support.http_requests import starlette_request

CALLER = "push@slacker.local"


def envelope(
    data: bytes,
    subscription: str,
    attributes: Mapping[str, str] | None = None,
    attempt: int | None = 1,
    published_at: datetime | None = None,
) -> bytes:
    """The body of a push."""
    message = {
        "data": base64.b64encode(data).decode(),
        "attributes": dict(attributes or {}),
        "messageId": "m-1",
        "publishTime": (published_at or datetime.now(UTC)).isoformat(),
    }
    push = {"message": message, "subscription": f"projects/p/subscriptions/{subscription}"}
    return json.dumps(push | ({"deliveryAttempt": attempt} if attempt is not None else {})).encode()


@dataclass
class Function:
    """A function under test."""

    compose: Callable[[Ports], PushSubscriber[Any]]
    name: str
    state: Path
    documents: Documents
    publisher: MemoryPublisher
    replay: bool = True
    limits: Limits | None = None
    collections: Collection[str] = (CLIENTS, DEVICES, MERCHANTS)
    tokens: Pseudonymiser | None = TOKENS
    clock: Clock = SYSTEM
    fold: Callable[[BatchFold[Any, Any]], BatchFold[Any, Any]] = lambda fold: fold

    def __post_init__(self) -> None:
        self.printed = io.BytesIO()
        self._entry = EntryPoint(self.name, lambda _: self._service(), self.clock)

    async def push(self, body: bytes, **headers: str) -> int:
        """The status that a push of `body` is answered with."""
        sent = {"authorization": f"Bearer {token(CALLER)}", "content-length": str(len(body)), **headers}
        response = await self._entry(starlette_request(body, sent))
        return response.status_code

    async def send(self, event: Event, **changes: Any) -> int:
        """The status that an event is answered with."""
        changes.setdefault("published_at", self.clock.now())
        return await self.push(envelope(encode(event), f"{topic_of(event)}.{self.name}", **changes))

    def letters(self) -> list[Message]:
        """The dead letters."""
        return self.publisher.published.get("dead-letters-events", [])

    def lines(self) -> list[dict[str, Any]]:
        """What it told its log."""
        return [json.loads(line) for line in self.printed.getvalue().splitlines()]

    def states(self) -> dict[Any, bytes]:
        """What it keeps in a store in memory."""
        assert isinstance(self.documents, MemoryDocuments)
        kept = self.documents._documents.items()
        return {key: document.state for key, document in kept if key.collection in self.collections}

    def _service(self) -> PushSubscriber[Any]:
        environ = {
            "SLACKER_ENVIRONMENT": "local",
            "SLACKER_BACKEND": "memory",
            "SLACKER_STATE": str(self.state),
            "SLACKER_CALLERS": CALLER,
            "SLACKER_REPLAY": "on" if self.replay else "off",
        }
        ports = replace(open_ports(environ), documents=self.documents, _publisher=self.publisher, clock=self.clock)
        service = self.compose(ports)
        receiver = service.intake
        assert isinstance(receiver, EventReceiver)
        log = Log(self.name, self.tokens, stream=self.printed, clock=self.clock)
        commits = GroupCommit(self.documents, self.fold(receiver.commits._batches._fold), self.limits)
        key = service.token_key if self.tokens is not None else TokenKeyCache(_no_key, self.clock)
        return replace(service, log=log, token_key=key, intake=replace(receiver, log=log, commits=commits))


async def _no_key(deadline: Deadline) -> Pseudonymiser:
    raise Unavailable("the secrets are away")
