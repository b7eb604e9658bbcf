"""What is due goes to one of those who look, and comes round again."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.errors import Damaged, NotFound, Unavailable
from shared.messaging.messages import Message
from shared.storage.documents import Create, Document, Documents, Key, Update
from shared.storage.due import LEASE, claim_due, republish, sweep
from tests.support.deadlines import plenty

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
EXPIRY = NOW + timedelta(days=9)


async def filled(documents: Documents, count: int) -> None:
    for number in range(count):
        due_at = NOW - timedelta(seconds=number)
        await documents.commit([Create(Key("work", str(number)), b"s", due_at, EXPIRY)], plenty())


async def claim(documents: Documents, now: datetime = NOW, limit: int = 100) -> list[str]:
    taken = await claim_due(documents, "work", now=now, limit=limit, deadline=plenty())
    return [document.key.id for document in taken]


async def test_the_oldest_come_first_and_not_more_than_asked_for() -> None:
    documents = MemoryDocuments()
    await filled(documents, 5)
    assert (await claim(documents, limit=2), await claim(documents)) == (["4", "3"], ["2", "1", "0"])


async def test_what_was_taken_and_not_finished_comes_round_again() -> None:
    documents = MemoryDocuments()
    await filled(documents, 1)
    assert [await claim(documents, NOW + wait) for wait in (timedelta(), timedelta(seconds=1), LEASE)] == [
        ["0"],
        [],
        ["0"],
    ]


async def test_what_was_taken_can_be_written_by_whoever_took_it() -> None:
    documents = MemoryDocuments()
    await filled(documents, 1)
    [ours] = await claim_due(documents, "work", now=NOW, limit=1, deadline=plenty())
    assert ours.expires_at == EXPIRY
    await documents.commit([Update(ours.key, ours.version, b"done")], plenty())
    assert await claim(documents, NOW + LEASE) == []


async def test_of_two_who_look_at_once_each_gets_its_own(tmp_path: Path) -> None:
    first, other = SqliteDocuments(tmp_path / "d.sqlite"), SqliteDocuments(tmp_path / "d.sqlite")
    try:
        await filled(first, 40)
        taken = await asyncio.gather(claim(first), claim(other), claim(first, limit=7), claim(other, limit=7))
    finally:
        await first.close()
        await other.close()
    everything = [id_ for part in taken for id_ in part]
    assert sorted(everything, key=int) == [str(number) for number in range(40)]


async def test_one_that_fails_is_reported_and_keeps_nobody_from_the_others() -> None:
    documents, done = MemoryDocuments(), list[str]()
    await filled(documents, 40)

    async def process(document: Document) -> None:
        if document.key.id == "7":
            raise Unavailable("7 cannot be done")
        done.append(document.key.id)

    result = await sweep(documents, "work", process, now=NOW, limit=100, deadline=plenty())
    assert (result.taken, result.done, [str(error) for error in result.failed]) == (40, 39, ["7 cannot be done"])
    assert len(set(done)) == 39


async def test_a_programming_error_is_no_result() -> None:
    documents = MemoryDocuments()
    await filled(documents, 1)

    async def process(document: Document) -> None:
        raise KeyError(document.key.id)

    with pytest.raises(KeyError):
        await sweep(documents, "work", process, now=NOW, limit=100, deadline=plenty())


def by_parity(document: Document) -> dict[str, list[Message]]:
    """A message for the topic of odd or of even numbers; the fourth cannot be read."""
    if document.key.id == "4":
        raise Damaged("4 is damaged")
    return {"odd" if int(document.key.id) % 2 else "even": [Message(document.key.id.encode())]}


async def test_what_is_due_is_republished_topic_by_topic() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    await filled(documents, 4)
    result = await republish(documents, "work", by_parity, publisher, now=NOW, limit=100, deadline=plenty())
    published = {topic: sorted(message.data for message in some) for topic, some in publisher.published.items()}
    assert (result, published) == ((4, 4, []), {"even": [b"0", b"2"], "odd": [b"1", b"3"]})


async def test_a_topic_that_fails_and_a_damaged_document_hold_up_no_other_and_come_round_again() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher(topics=("even",))
    await filled(documents, 5)
    looks = [
        await republish(documents, "work", by_parity, publisher, now=now, limit=100, deadline=plenty())
        for now in (NOW, NOW + LEASE)
    ]
    assert [(result.taken, result.done) for result in looks] == [(5, 2), (5, 2)]
    assert [{type(error) for error in result.failed} for result in looks] == [{Damaged, NotFound}] * 2
