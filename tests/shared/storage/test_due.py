"""What is due goes to one of those who look, and comes round again."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.deadline import Deadline
from shared.documents import Create, Documents, Key, Update
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.storage.due import LEASE, claim_due

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
EXPIRY = NOW + timedelta(days=9)


async def filled(documents: Documents, count: int) -> None:
    for number in range(count):
        due_at = NOW - timedelta(seconds=number)
        await documents.commit([Create(Key("work", str(number)), b"s", due_at, EXPIRY)], Deadline.after(5))


async def claim(documents: Documents, now: datetime = NOW, limit: int = 100) -> list[str]:
    taken = await claim_due(documents, "work", now=now, limit=limit, deadline=Deadline.after(5))
    return [each.key.id for each in taken]


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
    [ours] = await claim_due(documents, "work", now=NOW, limit=1, deadline=Deadline.after(5))
    assert ours.expires_at == EXPIRY
    await documents.commit([Update(ours.key, ours.version, b"done")], Deadline.after(5))
    assert await claim(documents, NOW + LEASE) == []


async def test_of_two_who_look_at_once_each_gets_its_own(tmp_path: Path) -> None:
    one, other = SqliteDocuments(tmp_path / "d.sqlite"), SqliteDocuments(tmp_path / "d.sqlite")
    try:
        await filled(one, 40)
        taken = await asyncio.gather(claim(one), claim(other), claim(one, limit=7), claim(other, limit=7))
    finally:
        await one.close()
        await other.close()
    everything = [each for part in taken for each in part]
    assert sorted(everything, key=int) == [str(number) for number in range(40)]
