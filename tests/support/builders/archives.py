"""Archives of events as tests need them, and the features that live traffic makes of the same events."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from shared.embedded.manual_clock import ManualClock
from shared.events.avro.events import encode, topic_of
from shared.events.events import AdviceGiven, Event
from shared.messaging import archive
from shared.messaging.messages import Delivery, Message
from shared.risk.features.batch_folds import ClientDeviceFold, MerchantFold
from shared.risk.features.extract import States, extract
from shared.risk.features.fold import prepare
from shared.risk.features.inputs import of_question
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS, keys
from shared.storage.documents import Documents
from shared.storage.group_commit import GroupCommit
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS, question

NOW = datetime(2026, 9, 1, tzinfo=UTC)
COLLECTIONS = (CLIENTS, DEVICES, MERCHANTS)


def now() -> datetime:
    return NOW


def delivery(event: Event, number: int) -> Delivery:
    """The event as its topic's archive gets it, published when it happened."""
    if isinstance(event, AdviceGiven):
        line = {"kind": "answer", "operation": "transaction", "operation_id": event.event_id, "client": event.client,
                "at": event.occurred_at, "advice": "REJECT" if event.rejected else "APPROVE"}  # fmt: skip
        topic, data = "decisions", msgspec.json.encode(line)
    else:
        topic, data = topic_of(event), encode(event)
    return Delivery(Message(data), str(number), f"{topic}.archive", None, event.occurred_at)


def write(folder: Path, deliveries: Sequence[Delivery], per_file: int = 50) -> None:
    """Archive `deliveries` in files of so many, each topic in its own folder."""
    for start in range(0, len(deliveries), per_file):
        by_topic: dict[str, list[Delivery]] = {}
        for delivery in deliveries[start : start + per_file]:
            by_topic.setdefault(archive.topic_of(delivery), []).append(delivery)
        for topic, batch in by_topic.items():
            path = folder / topic / f"{start:08d}{archive.SUFFIX}"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w+b") as file:
                archive.append(file, batch)


class Live:
    """What `risk_features` and `merchant_features` do with events, over `documents`."""

    def __init__(self, documents: Documents) -> None:
        self._own = GroupCommit(documents, ClientDeviceFold(ManualClock(now()), replay=False))
        self._merchants = GroupCommit(documents, MerchantFold(ManualClock(now())))

    async def take(self, event: Event) -> None:
        deadline = plenty()
        own = prepare(event, TOKENS, frozenset({CLIENTS, DEVICES}))
        if own.keys:
            await self._own.submit(own, 1, deadline)
        merchants = prepare(event, TOKENS, frozenset({MERCHANTS}))
        if merchants.keys:
            await self._merchants.submit(merchants, 1, deadline)


async def states(documents: Documents, *collections: str) -> dict[str, bytes]:
    """The bytes of all documents in `collections`."""
    return {
        f"{collection}/{document.key.id}": document.state
        for collection in collections
        for document in await documents.scan(collection, plenty(), limit=100_000)
    }


async def features_at(documents: Documents, clients: int, at: datetime, count: int = 60) -> list[tuple[object, ...]]:
    """The features of `count` questions about the clients of a stream, at `at` and in the five days before it."""
    rng = random.Random(5)  # noqa: S311
    answers: list[tuple[object, ...]] = []
    for number in range(count):
        about = of_question(question(rng, f"c{number % clients}"), TOKENS)
        instant = at - timedelta(minutes=rng.random() * 59)
        names = keys(about)
        present = [name for name in (names.client, names.device, names.merchant) if name]
        read = dict(zip(present, await documents.read(present, plenty()), strict=True))
        states_read = [document.state if name and (document := read[name]) else None for name in names[:3]]
        answers.append(extract(about, instant, States(*states_read)))
    return answers
