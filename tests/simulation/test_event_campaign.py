"""Events late, twice, reversed and broken, while every process is killed and the store stalls: the features are right.

`SLACKER_CAMPAIGN_EVENTS=1000000 pytest -s tests/simulation/test_event_campaign.py` makes it a long one.
"""

import asyncio
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from jobs.rebuild.progress import Workplace
from jobs.rebuild.rebuild import Rebuild
from jobs.rebuild.source import Folder
from local.stack.messaging import BrokerMessaging
from local.stack.stack import Settings, Stack
from local.stack.topology import HELD
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Transient
from shared.events.avro.events import EventDecoder
from shared.events.avro.registry import NoRegistry
from shared.events.avro.topic_encoding import topics
from shared.events.events import Event
from shared.events.receiver import decode_event
from shared.messaging.messages import Delivery, Message
from shared.privacy import Pseudonymiser
from shared.risk.features.extract import States, extract
from shared.risk.features.fold import fold
from shared.risk.features.inputs import of_question
from shared.risk.features.keys import CLIENTS, DEVICES, keys
from shared.risk.features.schema import features
from shared.storage.documents import Documents
from tests.shared.risk.features.test_extract import OTHERS, agree
from tests.support.builders.archives import now, states
from tests.support.deadlines import plenty
from tests.support.event_streams import dice, question
from tests.support.eventually import PATIENCE
from tests.support.feature_oracle import History
from tests.support.happenings import Happenings, happenings
from tests.support.progress import tell

EVENTS = int(os.environ.get("SLACKER_CAMPAIGN_EVENTS", "1500"))
QUESTIONS = 60
FUNCTIONS = ("risk_features", "merchant_features")
KILLED = (*FUNCTIONS, "broker")
STALL = 11.0  # seconds in which nobody else can write to the store: longer than a function works on a push
ROUNDS = 1 + EVENTS // 100_000
"""How often each thing goes wrong."""

_CHUNK = 200
_AHEAD = 10_000  # deliveries by which publishing is ahead, so that what goes wrong goes wrong all along
_SETTLED_WITHIN = 60.0 + EVENTS / 200


async def test_features_are_those_of_the_clean_history_whatever_went_wrong(tmp_path: Path) -> None:
    happened = happenings(11, EVENTS)
    async with Stack(Settings(state=tmp_path / "state", replay=True), FUNCTIONS) as stack:
        await _send(stack, happened.arrivals)
        await _drained(stack)
        assert await stack.settled(PATIENCE)
        assert stack.deliveries.done == stack.deliveries.due
        dead = await stack.messaging.dead_letters()
        restarts = {name: stack.processes[name].restarts for name in KILLED}
        store = stack.backend()
        try:
            tokens = await store.tokens(plenty())
            await _check_features(store.documents, tokens, happened)
            rebuilt = await _rebuilt(stack, tokens, tmp_path)
            assert await states(rebuilt, CLIENTS, DEVICES) == await states(store.documents, CLIENTS, DEVICES)
            await _check_features(rebuilt, tokens, happened)
        finally:
            await store.close()
    assert all(restarts.values()), restarts
    # A broken message is a dead letter of each of its two receivers, once more for each time one of them was killed
    # before it could acknowledge, or a publisher in doubt sent it again.
    assert 2 * happened.broken <= dead <= 2 * happened.broken + ROUNDS * len(KILLED) * _CHUNK


async def _send(stack: Stack, arrivals: Sequence[tuple[str, Message]]) -> None:
    """Publish everything in order, and at even distances let something go wrong."""
    troubles = [lambda name=name: stack.processes[name].kill() for name in KILLED] + [lambda: stall(stack)]
    troubles *= ROUNDS
    chunks = [arrivals[start : start + _CHUNK] for start in range(0, len(arrivals), _CHUNK)]
    running: list[asyncio.Task[None]] = []
    for number, batch in enumerate(chunks):
        if number * (len(troubles) + 1) // len(chunks) > len(running):
            running.append(asyncio.create_task(troubles[len(running)]()))
        while stack.deliveries.due - stack.deliveries.done > _AHEAD:  # noqa: ASYNC110 - as others acknowledge
            await asyncio.sleep(0.05)
        by_topic: dict[str, list[Message]] = {}
        for topic, message in batch:
            by_topic.setdefault(topic, []).append(message)
        for topic, messages in by_topic.items():
            await publish(stack, topic, messages)
        if number % 100 == 0:
            delivered = f"{stack.deliveries.done:,} of {stack.deliveries.due:,} delivered"
            tell(f"{number * _CHUNK:,} of {len(arrivals):,} sent, {delivered}, {len(running)} troubles", EVENTS)
    await asyncio.gather(*running)


async def publish(stack: Stack, topic: str, messages: Sequence[Message]) -> None:
    """Until it is confirmed, as Kafka Connect does: what was in doubt is sent again."""
    async with asyncio.timeout(60):
        while True:
            with suppress(Transient):
                return await stack.publish(topic, messages)
            await asyncio.sleep(0.1)


async def stall(stack: Stack) -> None:
    """Hold the store's one lock for writers."""
    path = stack.state.directory / "documents.sqlite"
    connection = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
    await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
    try:
        await asyncio.sleep(STALL)
    finally:
        connection.rollback()
        connection.close()


async def _drained(stack: Stack) -> None:
    """Every subscription has delivered everything, but that which holds the dead letters."""
    assert isinstance(stack.messaging, BrokerMessaging)
    async with asyncio.timeout(_SETTLED_WITHIN):
        while any(queue.backlog for queue in (await stack.messaging.status()).subscriptions if queue.name != HELD):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.1)


async def _check_features(documents: Documents, tokens: Pseudonymiser, happened: Happenings) -> None:
    """Questions about anybody are told what a naive recomputation tells; client and device states are those of a fold
    in strict order.
    """
    rng, history, names = dice(7), History(happened.clean), features().names
    for _ in range(QUESTIONS):
        body = question(rng, f"c{rng.randrange(happened.clients)}")
        body["context"]["merchant"] = {"id": f"m{rng.randrange(6)}"}
        about = of_question(body, tokens)
        names_of_states = keys(about)[:3]
        stored = await documents.read([key for key in names_of_states if key], plenty())
        by_key = {document.key: document.state for document in stored if document}
        values, _ = extract(
            about, happened.newest, States(*(by_key.get(key) if key else None for key in names_of_states))
        )
        actual = {name: value for name, value in zip(names, values, strict=True) if name not in OTHERS}
        agree(actual, history.values(body, happened.newest))
    own = frozenset({CLIENTS, DEVICES})
    strict = fold({}, happened.clean, tokens, own).states
    assert await states(documents, *own) == {f"{key.collection}/{key.id}": state for key, state in strict.items()}


async def _rebuilt(stack: Stack, tokens: Pseudonymiser, folder: Path) -> MemoryDocuments:
    """What a rebuild makes of what the broker archived."""
    decoder, documents = EventDecoder(NoRegistry(), topics()), MemoryDocuments()

    async def decode(delivered: Delivery) -> Event | None:
        return await decode_event(decoder, delivered, plenty(), None)

    async with asyncio.timeout(30):
        while list(stack.state.archive.glob("*/*.part")):  # noqa: ASYNC110 - files are waited for
            await asyncio.sleep(0.2)
    job = Rebuild(
        "", Folder(stack.state.archive), documents, tokens, decode, Workplace(folder / "work"), ManualClock(now())
    )
    report = await job.run(lambda *_: None)
    assert report.complete
    return documents
