"""A client's history: bounded, damaged or not, and what waits in it comes back once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Damaged, NotFound
from shared.notifications import devices, history, preferences
from shared.notifications.devices import MAX_DEVICES as MOST_DEVICES
from shared.notifications.devices import Device, Devices
from shared.notifications.history import MAX_ENTRIES, OPEN, RETENTION, History, HistoryEntry, Status, StoredHistory
from shared.notifications.republish import TOPIC, republish_due
from shared.storage.documents import Create, Document, Key
from tests.support.deadlines import plenty

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = history.key("t1_0")


def entry(
    id_: str, status: Status = Status.SENT, age: timedelta = timedelta(), until: datetime | None = None
) -> HistoryEntry:
    at = NOW - age
    return HistoryEntry(
        id_, b"", "t@1", "service", "push", status, at, at, until=until, command=f"command of {id_}".encode()
    )


def written(*entries: HistoryEntry) -> Document:
    """The document that a history of these entries becomes."""
    write = StoredHistory(KEY, None, History()).written(History(entries=entries), NOW)
    assert isinstance(write, Create)
    return Document(KEY, write.state, "1", due_at=write.due_at, expires_at=write.expires_at)


def kept(document: Document) -> list[str]:
    return [entry.id for entry in history.read(KEY, document).history.entries]


def test_what_has_not_changed_for_ninety_days_goes() -> None:
    old = RETENTION + timedelta(seconds=1)
    document = written(entry("a", age=old), entry("b", Status.WAITING, old), entry("c", age=old - timedelta(minutes=1)))
    assert kept(document) == ["c"]


def test_beyond_a_number_the_oldest_final_ones_go_first() -> None:
    entries = [entry("open", Status.SENDING), *(entry(str(number)) for number in range(MAX_ENTRIES + 5))]
    assert kept(written(*entries)) == ["open", *(str(number) for number in range(6, MAX_ENTRIES + 5))]


def test_it_is_due_when_the_first_that_waits_is() -> None:
    soon, later = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
    document = written(
        entry("a", Status.WAITING, until=later),
        entry("b", Status.WAITING, until=soon),
        entry("c", Status.SENDING, until=NOW),
    )
    assert (document.due_at, document.expires_at) == (soon, NOW + RETENTION)
    assert written(entry("a")).due_at is None


@given(statuses=st.lists(st.sampled_from(Status), max_size=30))
def test_nothing_open_is_dropped_for_lack_of_room(statuses: list[Status]) -> None:
    many = [entry(f"final {number}") for number in range(MAX_ENTRIES)]
    entries = [entry(str(number), status) for number, status in enumerate(statuses)]
    ids = kept(written(*entries, *many))
    assert [stored.id for stored in entries if stored.status in OPEN and stored.id not in ids] == []
    assert len(ids) <= MAX_ENTRIES


def test_what_cannot_be_read_is_damaged_and_no_document_is_an_empty_one() -> None:
    broken = Document(Key("any", "t1_0"), b"\xc1", "1")
    with pytest.raises(Damaged):
        history.read(KEY, broken)
    with pytest.raises(Damaged):
        preferences.read(broken)
    with pytest.raises(Damaged):
        devices.read(broken)
    assert (history.read(KEY, None).history, devices.read(None)) == (History(), Devices())


async def store(*entries: HistoryEntry) -> MemoryDocuments:
    documents, document = MemoryDocuments(), written(*entries)
    await documents.commit([Create(KEY, document.state, document.due_at, document.expires_at)], plenty())
    return documents


async def test_what_is_due_is_published_as_it_came_by_one_of_those_who_look_at_once() -> None:
    waits = [
        entry("a", Status.WAITING, until=NOW),
        entry("b", Status.WAITING, until=NOW + timedelta(hours=1)),
        entry("c"),
    ]
    documents, publisher = await store(*waits), MemoryPublisher()
    looks = [republish_due(documents, publisher, now=NOW, limit=10, deadline=plenty()) for _ in range(3)]
    assert sorted(done[:2] for done in await asyncio.gather(*looks)) == [(0, 0), (0, 0), (1, 1)]
    assert [message.data for message in publisher.published[TOPIC]] == [b"command of a"]


async def test_what_was_not_published_comes_round_again_in_a_minute() -> None:
    documents, publisher = await store(entry("a", Status.WAITING, until=NOW)), MemoryPublisher(topics=())
    refused = await republish_due(documents, publisher, now=NOW, limit=10, deadline=plenty())
    assert (refused.taken, refused.done, [type(error) for error in refused.failed]) == (1, 0, [NotFound])
    again = MemoryPublisher()
    at = [NOW + timedelta(seconds=59), NOW + timedelta(seconds=60)]
    done = [await republish_due(documents, again, now=now, limit=10, deadline=plenty()) for now in at]
    assert [result[:2] for result in done] == [(0, 0), (1, 1)]


async def test_a_damaged_history_stops_nobody_elses() -> None:
    documents, publisher = await store(entry("a", Status.WAITING, until=NOW)), MemoryPublisher()
    broken = Create(history.key("t1_1"), b"\xc1", due_at=NOW)
    await documents.commit([broken], plenty())
    done = await republish_due(documents, publisher, now=NOW, limit=10, deadline=plenty())
    assert (done.taken, done.done, [type(error) for error in done.failed]) == (2, 1, [Damaged])


@given(registered=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 14), st.integers(0, 100)), max_size=30))
def test_a_device_and_an_address_are_there_once_and_never_more_than_ten(registered: list[tuple[int, int, int]]) -> None:
    devices_of_client = Devices()
    for id_, address, minutes in registered:
        seen = NOW + timedelta(minutes=minutes)
        devices_of_client = devices_of_client.with_(
            Device(f"d{id_}{address % 3}", "fid", str(address), str(address), "web", seen)
        )
    ids, digests = (
        [device.id for device in devices_of_client.devices],
        [device.digest for device in devices_of_client.devices],
    )
    assert (len(set(ids)), len(set(digests))) == (len(ids), len(digests))
    assert len(ids) <= MOST_DEVICES
    assert [device.seen_at for device in devices_of_client.devices] == sorted(
        (device.seen_at for device in devices_of_client.devices), reverse=True
    )
