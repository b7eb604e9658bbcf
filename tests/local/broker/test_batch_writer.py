"""The broker's file: what is confirmed is in it, in groups, and a disk that fails loses nothing that was."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from local.broker.batch_writer import BatchWriter
from local.broker.broker import Broker
from local.broker.store import Changes, Store
from local.broker.stored_message import StoredMessage
from shared.errors import Misconfigured, Unavailable
from shared.messaging.messages import Message
from tests.support.builders.broker import NAME, TOPIC, broker, numbered, topology
from tests.support.eventually import eventually


class Flaky(Store):
    """A store whose disk can be told to fail; it counts its commits."""

    failing = False
    commits = 0

    def commit(self, changes: Changes) -> None:
        if self.failing:
            raise sqlite3.OperationalError("database or disk is full")
        self.commits += 1
        super().commit(changes)


class Journaled:
    """A journal with two subscriptions of one topic, and what has arrived at them."""

    def __init__(self, directory: Path) -> None:
        self.store = Flaky(directory / "broker.sqlite", ["a", "b"])
        self.arrived: list[tuple[str, bytes]] = []
        self.writer = BatchWriter(self.store, {TOPIC: ["a", "b"], "dead": ["b"]}, self._arrive)

    def _arrive(self, name: str, stored: StoredMessage) -> None:
        self.arrived.append((name, stored.data))

    def pending(self, name: str) -> list[tuple[bytes, int]]:
        """What the file holds for a subscription, with refusals."""
        return [(stored.data, refusals) for stored, refusals in self.store.load(name, 0, 100)]


@pytest.fixture
def journaled(tmp_path: Path) -> Journaled:
    return Journaled(tmp_path)


async def test_publishes_that_come_together_are_one_commit(journaled: Journaled) -> None:
    ids = await asyncio.gather(*(journaled.writer.publish(TOPIC, numbered(3, 3 * n)) for n in range(20)))
    assert journaled.store.commits == 1
    flat = [id_ for group in ids for id_ in group]
    assert flat == sorted(set(flat))
    assert [data for name, data in journaled.arrived if name == "a"] == [message.data for message in numbered(60)]


async def test_a_message_leaves_the_file_with_its_last_delivery(journaled: Journaled) -> None:
    (id_,) = await journaled.writer.publish(TOPIC, [Message(b"1")])
    journaled.writer.settle("a", id_)
    journaled.writer.flush()
    assert (journaled.pending("a"), journaled.pending("b"), journaled.store.last_id()) == ([], [(b"1", 0)], id_)
    journaled.writer.settle("b", id_)
    journaled.writer.flush()
    assert (journaled.pending("b"), journaled.store.last_id()) == ([], 0)


async def test_a_dead_letter_moves_in_one_commit(journaled: Journaled) -> None:
    (id_,) = await journaled.writer.publish(TOPIC, [Message(b"1")])
    journaled.writer.count("a", id_, 4)
    journaled.writer.flush()
    assert journaled.pending("a") == [(b"1", 4)]
    before = journaled.store.commits
    journaled.writer.forward("a", id_, "dead", Message(b"dead"))
    journaled.writer.flush()
    assert journaled.store.commits == before + 1
    assert (journaled.pending("a"), journaled.pending("b")) == ([], [(b"1", 0), (b"dead", 0)])


async def test_what_is_written_a_moment_later_is_written_without_being_asked(journaled: Journaled) -> None:
    (id_,) = await journaled.writer.publish(TOPIC, [Message(b"1")])
    journaled.writer.settle("a", id_)
    await eventually(lambda: not journaled.pending("a"))


async def test_when_the_disk_fails_publishers_are_told_and_the_rest_is_written_later(journaled: Journaled) -> None:
    (id_,) = await journaled.writer.publish(TOPIC, [Message(b"1")])
    journaled.store.failing = True
    journaled.writer.forward("a", id_, "dead", Message(b"dead"))
    with pytest.raises(Unavailable):
        await journaled.writer.publish(TOPIC, [Message(b"2")])
    journaled.store.failing = False
    await journaled.writer.publish(TOPIC, [Message(b"3")])
    assert journaled.pending("a") == [(b"3", 0)]
    assert journaled.pending("b") == [(b"1", 0), (b"dead", 0), (b"3", 0)]
    assert b"2" not in {data for _, data in journaled.arrived}


async def test_a_full_disk_is_a_refusal_and_the_broker_goes_on(tmp_path: Path) -> None:
    async with broker(tmp_path) as started:
        store = started._store
        store._connection.execute("PRAGMA max_page_count = 30")
        with pytest.raises(Unavailable):
            await started.publish(TOPIC, [Message(bytes(1_000_000))])
        store._connection.execute("PRAGMA max_page_count = 100000")
        await started.publish(TOPIC, [Message(b"1")])
        assert [delivery.message.data for delivery in started.waiting(NAME, 10)] == [b"1"]


async def test_a_second_broker_on_the_same_file_is_refused(tmp_path: Path) -> None:
    async with broker(tmp_path):
        with pytest.raises(Misconfigured, match="another broker"):
            await Broker(tmp_path / "broker.sqlite", topology()).__aenter__()


async def test_a_file_that_is_none_of_a_brokers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broker.sqlite").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(Misconfigured, match=r"broker\.sqlite"):
        await Broker(tmp_path / "broker.sqlite", topology()).__aenter__()
