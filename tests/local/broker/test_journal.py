"""The broker's file: what is confirmed is in it, in groups, and a disk that fails loses nothing that was."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from local.broker.broker import Broker
from local.broker.journal import Journal
from local.broker.store import Changes, Store
from local.broker.stored import Stored
from shared.errors import Misconfigured, Unavailable
from shared.messages import Message
from tests.local.broker.build import NAME, TOPIC, broker, numbered, topology
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


class Told:
    """A journal with two subscriptions of one topic, and what has arrived at them."""

    def __init__(self, directory: Path) -> None:
        self.store = Flaky(directory / "broker.sqlite", ["a", "b"])
        self.arrived: list[tuple[str, bytes]] = []
        self.journal = Journal(self.store, {TOPIC: ["a", "b"], "dead": ["b"]}, self._arrive)

    def _arrive(self, name: str, stored: Stored) -> None:
        self.arrived.append((name, stored.data))

    def held(self, name: str) -> list[tuple[bytes, int]]:
        """What the file holds for a subscription, with refusals."""
        return [(stored.data, refusals) for stored, refusals in self.store.load(name, 0, 100)]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


async def test_publishes_that_come_together_are_one_commit(told: Told) -> None:
    ids = await asyncio.gather(*(told.journal.publish(TOPIC, numbered(3, 3 * n)) for n in range(20)))
    assert told.store.commits == 1
    flat = [id_ for group in ids for id_ in group]
    assert flat == sorted(set(flat))
    assert [data for name, data in told.arrived if name == "a"] == [one.data for one in numbered(60)]


async def test_a_message_leaves_the_file_with_its_last_delivery(told: Told) -> None:
    (id_,) = await told.journal.publish(TOPIC, [Message(b"1")])
    told.journal.settle("a", id_)
    told.journal.flush()
    assert (told.held("a"), told.held("b"), told.store.last_id()) == ([], [(b"1", 0)], id_)
    told.journal.settle("b", id_)
    told.journal.flush()
    assert (told.held("b"), told.store.last_id()) == ([], 0)


async def test_a_dead_letter_moves_in_one_commit(told: Told) -> None:
    (id_,) = await told.journal.publish(TOPIC, [Message(b"1")])
    told.journal.count("a", id_, 4)
    told.journal.flush()
    assert told.held("a") == [(b"1", 4)]
    before = told.store.commits
    told.journal.forward("a", id_, "dead", Message(b"dead"))
    told.journal.flush()
    assert told.store.commits == before + 1
    assert (told.held("a"), told.held("b")) == ([], [(b"1", 0), (b"dead", 0)])


async def test_what_is_written_a_moment_later_is_written_without_being_asked(told: Told) -> None:
    (id_,) = await told.journal.publish(TOPIC, [Message(b"1")])
    told.journal.settle("a", id_)
    await eventually(lambda: not told.held("a"))


async def test_when_the_disk_fails_publishers_are_told_and_the_rest_is_written_later(told: Told) -> None:
    (id_,) = await told.journal.publish(TOPIC, [Message(b"1")])
    told.store.failing = True
    told.journal.forward("a", id_, "dead", Message(b"dead"))
    with pytest.raises(Unavailable):
        await told.journal.publish(TOPIC, [Message(b"2")])
    told.store.failing = False
    await told.journal.publish(TOPIC, [Message(b"3")])
    assert told.held("a") == [(b"3", 0)]
    assert told.held("b") == [(b"1", 0), (b"dead", 0), (b"3", 0)]
    assert b"2" not in {data for _, data in told.arrived}


async def test_a_full_disk_is_a_refusal_and_the_broker_goes_on(tmp_path: Path) -> None:
    async with broker(tmp_path) as started:
        store = started._store
        store._connection.execute("PRAGMA max_page_count = 30")
        with pytest.raises(Unavailable):
            await started.publish(TOPIC, [Message(bytes(1_000_000))])
        store._connection.execute("PRAGMA max_page_count = 100000")
        await started.publish(TOPIC, [Message(b"1")])
        assert [one.message.data for one in started.waiting(NAME, 10)] == [b"1"]


async def test_a_second_broker_on_the_same_file_is_refused(tmp_path: Path) -> None:
    async with broker(tmp_path):
        with pytest.raises(Misconfigured, match="another broker"):
            await Broker(tmp_path / "broker.sqlite", topology()).__aenter__()


async def test_a_file_that_is_none_of_a_brokers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broker.sqlite").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(Misconfigured, match=r"broker\.sqlite"):
        await Broker(tmp_path / "broker.sqlite", topology()).__aenter__()
