"""What is rebuilt from the archive is what live traffic has made, value for value, whatever happens on the way."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from jobs.rebuild import retry
from jobs.rebuild.progress import Workplace
from jobs.rebuild.rebuild import Rebuild
from jobs.rebuild.source import Folder
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Unavailable
from shared.events.avro.events import EventDecoder
from shared.events.avro.registry import NoRegistry
from shared.events.avro.topic_encoding import topics
from shared.events.events import Event
from shared.events.receiver import decode_event
from shared.messaging.messages import Delivery, Message
from shared.risk.features import deduplication, watermark
from shared.risk.features.keys import CLIENTS, DEVICES, WATERMARK
from shared.storage.documents import Documents, Update, Write, Written
from tests.support.builders.archives import COLLECTIONS, Live, delivery, features_at, now, states, write
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS, stream

CLIENTS_OF_STREAM = 3
DECODER = EventDecoder(NoRegistry(), topics())


SEEN = deduplication.CODEC.collection.name


async def decode(delivered: Delivery) -> Event | None:
    return await decode_event(DECODER, delivered, plenty(), delivered.published_at)


def rebuild(archive: Path, documents: Documents, work: Path) -> Rebuild:
    return Rebuild("the archive", Folder(archive), documents, TOKENS, decode, Workplace(work), ManualClock(now()))


def silent(what: str, done: int, total: int) -> None:
    assert 0 <= done <= total, what


class Case:
    """Deliveries, archived in a folder, and the moment up to which they tell."""

    def __init__(self, folder: Path, seed: int = 1, size: int = 250, days: int = 30) -> None:
        arrived = stream(seed, size, days, CLIENTS_OF_STREAM)
        self.deliveries = [delivery(event, number) for number, event in enumerate(arrived.arrivals)]
        self.at = arrived.newest + timedelta(minutes=1)
        self.archive, self.work = folder / "archive", folder / "work"
        write(self.archive, self.deliveries)

    async def live(self, documents: Documents, deliveries: Sequence[Delivery] | None = None) -> None:
        """What live traffic makes of the deliveries."""
        functions = Live(documents)
        for delivered in self.deliveries if deliveries is None else deliveries:
            event = await decode(delivered)
            assert event is not None
            await functions.take(event)

    def rebuild(self, documents: Documents) -> Rebuild:
        return rebuild(self.archive, documents, self.work)

    async def same(self, left: Documents, right: Documents) -> None:
        """Every feature of every question, the bytes of clients and devices, and what merchants saw, are equal."""
        assert await features_at(left, CLIENTS_OF_STREAM, self.at) == await features_at(
            right, CLIENTS_OF_STREAM, self.at
        )
        assert await states(left, CLIENTS, DEVICES, SEEN) == await states(right, CLIENTS, DEVICES, SEEN)


class Troubled(MemoryDocuments):
    """Fails each commit for which `trouble` says so."""

    def __init__(self, trouble: Callable[[int], Exception | None]) -> None:
        super().__init__()
        self._trouble = trouble
        self._count = 0

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        self._count += 1
        error = self._trouble(self._count)
        if error is not None:
            raise error
        return await super().commit(writes, deadline)


@pytest.mark.parametrize("seed", range(4))
async def test_an_empty_store_gets_the_features_that_live_traffic_made(tmp_path: Path, seed: int) -> None:
    case, live, rebuilt = Case(tmp_path, seed), MemoryDocuments(), MemoryDocuments()
    await case.live(live)
    report = await case.rebuild(rebuilt).run(silent)
    await case.same(rebuilt, live)
    assert (report.complete, report.messages, report.events) == (True, len(case.deliveries), len(case.deliveries))


async def test_done_again_it_changes_nothing(tmp_path: Path) -> None:
    case, rebuilt = Case(tmp_path), MemoryDocuments()
    await case.rebuild(rebuilt).run(silent)
    before = await states(rebuilt, *COLLECTIONS, SEEN)
    case.work = tmp_path / "another"
    await case.rebuild(rebuilt).run(silent)
    assert await states(rebuilt, *COLLECTIONS, SEEN) == before


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No long waits for a store that is away."""
    monkeypatch.setattr(retry, "_FIRST_PAUSE", 0.001)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("from_commit", [1, 2, 5, 9])
async def test_one_that_ended_in_the_middle_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, from_commit: int
) -> None:
    case, live = Case(tmp_path), MemoryDocuments()
    away = True
    rebuilt = Troubled(lambda count: Unavailable("away") if away and count >= from_commit else None)
    await case.live(live)
    monkeypatch.setattr(retry, "TRIES", 2)
    with pytest.raises(Unavailable):
        await case.rebuild(rebuilt).run(silent)
    away = False
    await case.rebuild(rebuilt).run(silent)
    await case.same(rebuilt, live)


async def test_beside_live_traffic_nothing_counts_twice_and_nothing_newer_is_lost(tmp_path: Path) -> None:
    case, live, both = Case(tmp_path), MemoryDocuments(), MemoryDocuments()
    await case.live(live)
    half = len(case.deliveries) // 2
    recent = case.deliveries[half:]
    await case.live(both, recent[: len(recent) // 2])
    await asyncio.gather(case.rebuild(both).run(silent), case.live(both, recent))
    await case.same(both, live)


@pytest.mark.usefixtures("hasty")
async def test_a_store_that_is_away_for_a_while_is_waited_for(tmp_path: Path) -> None:
    case, live = Case(tmp_path), MemoryDocuments()
    rebuilt = Troubled(lambda count: Unavailable("away") if count % 3 else None)
    await case.live(live)
    await case.rebuild(rebuilt).run(silent)
    await case.same(rebuilt, live)


async def test_a_second_run_takes_what_has_come_into_the_archive_since(tmp_path: Path) -> None:
    case, live, rebuilt = Case(tmp_path), MemoryDocuments(), MemoryDocuments()
    await case.live(live)
    late = sorted(case.archive.rglob("*.avro"))[-3:]
    for path in late:
        path.rename(path.with_suffix(".later"))
    await case.rebuild(rebuilt).run(silent)
    for path in late:
        path.with_suffix(".later").rename(path)
    report = await case.rebuild(rebuilt).run(silent)
    await case.same(rebuilt, live)
    assert report.messages == len(case.deliveries)


async def test_what_cannot_be_used_is_counted_by_what_is_wrong_with_it(tmp_path: Path) -> None:
    case, live, rebuilt = Case(tmp_path), MemoryDocuments(), MemoryDocuments()
    await case.live(live)
    good = case.deliveries[0]
    spoilt = [Message(b"\xff\xff"), Message(good.message.data + b"zzz"), Message(b"{", {})]
    topics_ = ["transactions.archive", good.subscription, "decisions.archive"]
    extra = [replace(good, message=message, subscription=topic) for message, topic in zip(spoilt, topics_, strict=True)]
    write(case.archive / "spoilt", extra)
    torn = case.archive / "torn.avro"
    torn.write_bytes(next(case.archive.rglob("*.avro")).read_bytes()[:-30])
    report = await case.rebuild(rebuilt).run(silent)
    await case.same(rebuilt, live)
    assert sum(report.unusable.values()) == 3
    assert all(not any(name in reason for name in ("xff", "zzz")) for reason in report.unusable)
    assert report.torn == ["torn.avro"]
    assert not report.complete


async def test_the_watermark_comes_last_and_never_goes_back(tmp_path: Path) -> None:
    case, rebuilt = Case(tmp_path), MemoryDocuments()
    watermarks: list[bytes | None] = []

    def look(what: str, done: int, total: int) -> None:
        document = rebuilt._documents.get(WATERMARK)
        watermarks.append(document.state if document else None)

    await case.rebuild(rebuilt).run(look)
    (document,) = await rebuilt.read([WATERMARK], plenty())
    assert set(watermarks) == {None}
    assert document is not None
    assert case.at - timedelta(days=13) < watermark.CODEC.decode(document) <= case.at
    later = watermark.CODEC.encode(case.at + timedelta(days=1))
    await rebuilt.commit([Update(WATERMARK, document.version, later)], plenty())
    case.work = tmp_path / "another"
    await case.rebuild(rebuilt).run(silent)
    assert (await states(rebuilt, WATERMARK.collection)).popitem()[1] == later
