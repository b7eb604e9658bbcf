"""What an answer's record has pending is published and cleared, and nothing else of the record changes."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.answer_record import CODEC, AnswerRecord, record_key
from shared.commands.command import parse
from shared.commands.publisher import TopicCommandPublisher
from shared.deadline import Deadline
from shared.documents import Create, Document
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import SlackerError, Unavailable, WriteConflict
from shared.outbox import Outbox
from tests.shared.commands.test_command import COMMAND
from tests.support.giving_up import unhurried
from tests.troubled import Troubled
from tests.troubled_publisher import TroubledPublisher

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEY = record_key("transaction", "op-1", 1)
KEPT = NOW + timedelta(days=400)


async def stored(documents: MemoryDocuments, *ids: str) -> Document:
    pending = [replace(COMMAND, id=each).encoded() for each in ids]
    record = AnswerRecord(b"digest", b"{}", NOW, pending)
    await documents.commit([Create(KEY, CODEC.encode(record), NOW, KEPT)], Deadline.after(1))
    return await now(documents)


async def now(documents: MemoryDocuments) -> Document:
    [document] = await documents.read([KEY], Deadline.after(1))
    assert document is not None
    return document


async def test_everything_pending_is_published_in_order_and_cleared() -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher()
    before = await stored(documents, "a", "b")
    assert await Outbox(documents, lambda: TopicCommandPublisher(publisher)).send(before, Deadline.after(1)) == 2
    [messages] = publisher.published.values()
    after = await now(documents)
    assert [parse(each.data).id for each in messages] == ["a", "b"]
    assert (CODEC.decode(after).pending, CODEC.decode(after).answer, after.due_at, after.expires_at) == (
        [],
        b"{}",
        None,
        KEPT,
    )


async def test_a_record_with_nothing_pending_is_no_longer_due() -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher("fail")
    await Outbox(documents, lambda: TopicCommandPublisher(publisher)).send(await stored(documents), Deadline.after(1))
    assert ((await now(documents)).due_at, publisher.calls) == (None, 0)


@pytest.mark.parametrize("how", ["fail", "hang", "lost"])
async def test_what_was_not_confirmed_stays_pending_and_due(how: str) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher(how)
    before = await stored(documents, "a")
    with pytest.raises(SlackerError):
        await Outbox(documents, lambda: TopicCommandPublisher(publisher)).send(before, unhurried())
    assert await now(documents) == before


async def test_what_was_published_and_not_cleared_stays_due() -> None:
    documents, publisher = Troubled(), TroubledPublisher()
    before = await stored(documents, "a")
    documents.commits = "fail"
    with pytest.raises(Unavailable):
        await Outbox(documents, lambda: TopicCommandPublisher(publisher)).send(before, Deadline.after(1))
    assert ((await now(documents)).due_at, publisher.calls) == (NOW, 1)


async def test_of_two_who_send_the_same_the_second_is_told() -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher()
    before, outbox = await stored(documents, "a"), Outbox(documents, lambda: TopicCommandPublisher(publisher))
    await outbox.send(before, Deadline.after(1))
    with pytest.raises(WriteConflict):
        await outbox.send(before, Deadline.after(1))
