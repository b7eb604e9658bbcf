"""The outbox, by one suite over all who have one: answers and reviews.

What is pending is published in order, under ids that stay, and cleared; whatever goes wrong, it is published again, and
nothing else of the document changes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from shared.commands.command import Command, parse
from shared.commands.publisher import TopicCommandPublisher
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Damaged, Forbidden, SlackerError, Unavailable
from shared.ids import OperationRef
from shared.messaging.publisher import Publisher
from shared.risk import answers
from shared.risk.answers import AnswerRecord, record_key
from shared.risk.reviews import stored_review
from shared.risk.reviews.stored_review import StoredReview
from shared.storage.documents import Create, Document, Documents, Update
from shared.storage.due import LEASE, claim_due
from shared.storage.outbox import Outbox
from tests.shared.commands.test_command import COMMAND
from tests.support.builders.reviews import review
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled
from tests.support.faulty_publisher import TroubledPublisher
from tests.support.giving_up import unhurried

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
EXPIRES_AT = NOW + timedelta(days=400)
FIRST, SECOND = replace(COMMAND, id="a"), replace(COMMAND, id="b")
FOREIGN = replace(COMMAND, id="c", operation=OperationRef("transaction", "op-2", 1))


class User(NamedTuple):
    """One who has an outbox: how it is made, a document with commands pending, and what is left once none is."""

    outbox: Any
    pending: Any
    empty: Any
    due_at: datetime | None
    expires_at: datetime | None


def answer(commands: Sequence[Command]) -> Create:
    """An answer's record with those commands."""
    value = AnswerRecord(b"digest", b"{}", NOW, [command.encoded() for command in commands])
    return answers.CODEC.create(record_key("transaction", "op-1", 1), value, due_at=NOW, expires_at=EXPIRES_AT)


def opened(commands: Sequence[Command]) -> Create:
    """An open review with those commands, made tickets."""
    payload = {"kind": "review", "summary": "Look", "client_id": review().client}
    tickets = [replace(command, type="create_ticket", payload=payload) for command in commands]
    value = StoredReview(review(), tuple(tickets))
    return stored_review.CODEC.create(stored_review.review_key(review().id), value, due_at=NOW)


USERS = {
    "answers": User(partial(answers.outbox, permitted=answers.issuable), answer, answer([]), None, EXPIRES_AT),
    "reviews": User(stored_review.outbox, opened, opened([]), review().expires_at, None),
}

every_user = pytest.mark.parametrize("user", USERS.values(), ids=USERS)


def outbox(user: User, documents: Documents, publisher: Publisher) -> Outbox[Any, Command]:
    """That user's, over topics."""
    sender: Outbox[Any, Command] = user.outbox(documents, lambda: TopicCommandPublisher(publisher))
    return sender


async def stored(user: User, documents: Documents, *commands: Command) -> Document:
    """The document with those commands pending, due now."""
    await documents.commit([user.pending(commands)], plenty())
    return await current(user, documents)


async def current(user: User, documents: Documents) -> Document:
    """The document as it stands."""
    [document] = await documents.read([user.empty.key], plenty())
    assert document is not None
    return document


def published(publisher: TroubledPublisher) -> list[str]:
    """The ids of the commands that were published, in order."""
    return [parse(message.data).id for messages in publisher.published.values() for message in messages]


@every_user
async def test_everything_pending_is_published_in_order_and_cleared(user: User) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher()
    before = await stored(user, documents, FIRST, SECOND)
    assert await outbox(user, documents, publisher).send(before, NOW, plenty()) == 2
    after = await current(user, documents)
    assert published(publisher) == ["a", "b"]
    assert (after.state, after.due_at, after.expires_at) == (user.empty.state, user.due_at, user.expires_at)


@every_user
async def test_with_nothing_pending_nobody_is_asked_to_publish(user: User) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher("fail")
    before = await stored(user, documents)
    assert await outbox(user, documents, publisher).send(before, NOW, plenty()) == 0
    assert ((await current(user, documents)).state, publisher.calls) == (user.empty.state, 0)


@every_user
@pytest.mark.parametrize("how", ["fail", "hang", "lost"])
async def test_what_was_not_confirmed_stays_pending_and_due(user: User, how: str) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher(how)
    before = await stored(user, documents, FIRST)
    with pytest.raises(SlackerError):
        await outbox(user, documents, publisher).send(before, NOW, unhurried())
    assert await current(user, documents) == before


@every_user
async def test_who_dies_between_publishing_and_clearing_has_it_published_again_under_the_same_id(user: User) -> None:
    documents, publisher = Troubled(), TroubledPublisher()
    before, box = await stored(user, documents, FIRST), outbox(user, documents, publisher)
    documents.commits = "fail"
    with pytest.raises(Unavailable):
        await box.send(before, NOW, plenty())
    documents.commits = "work"
    later = NOW + LEASE
    [due] = await claim_due(documents, before.key.collection, now=later, limit=9, deadline=plenty())
    assert await box.send(due, later, plenty()) == 1
    assert (published(publisher), (await current(user, documents)).state) == (["a", "a"], user.empty.state)


@every_user
async def test_of_two_who_send_the_same_both_are_done(user: User) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher()
    before, box = await stored(user, documents, FIRST), outbox(user, documents, publisher)
    assert [await box.send(before, NOW, plenty()) for _ in range(2)] == [1, 1]
    assert ((await current(user, documents)).state, set(published(publisher))) == (user.empty.state, {"a"})


@every_user
async def test_what_became_pending_meanwhile_stays_pending_and_due(user: User) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher()
    before = await stored(user, documents, FIRST)
    more = Update(before.key, before.version, user.pending((FIRST, SECOND)).state, NOW, before.expires_at)
    await documents.commit([more], plenty())
    assert await outbox(user, documents, publisher).send(before, NOW, plenty()) == 1
    after = await current(user, documents)
    assert after.state == user.pending((SECOND,)).state
    assert await documents.due(before.key.collection, plenty(), before=NOW + LEASE) == [after]


@every_user
async def test_what_is_of_another_operation_is_not_sent_and_holds_up_nothing_else(user: User) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher()
    before = await stored(user, documents, FOREIGN, FIRST)
    after = before
    for _ in range(2):
        with pytest.raises(Forbidden, match=f"^{before.key.collection}/.* has pending what it may not send"):
            await outbox(user, documents, publisher).send(after, NOW, plenty())
        after = await current(user, documents)
    assert (published(publisher), after.state) == (["a"], user.pending((FOREIGN,)).state)
    assert await documents.due(before.key.collection, plenty(), before=NOW + LEASE) == [after]


@every_user
async def test_a_document_that_was_removed_meanwhile_needs_no_clearing(user: User) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher()
    before = await stored(user, documents, FIRST)
    documents._documents.clear()
    assert await outbox(user, documents, publisher).send(before, NOW, plenty()) == 1
    assert await documents.read([before.key], plenty()) == [None]


@every_user
@pytest.mark.parametrize("state", [b"\xc1", b"\x93"])
async def test_a_damaged_document_is_named_and_nothing_is_published(user: User, state: bytes) -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher()
    before = replace(await stored(user, documents, FIRST), state=state)
    with pytest.raises(Damaged, match=f"^{before.key.collection}/.* is damaged"):
        await outbox(user, documents, publisher).send(before, NOW, plenty())
    assert publisher.calls == 0


async def test_a_pending_command_that_cannot_be_read_is_damage_of_the_document() -> None:
    documents, publisher = MemoryDocuments(), TroubledPublisher()
    value = AnswerRecord(b"digest", b"{}", NOW, [b"{}"])
    create = answers.CODEC.create(record_key("transaction", "op-1", 1), value, due_at=NOW)
    await documents.commit([create], plenty())
    before = await current(USERS["answers"], documents)
    with pytest.raises(Damaged, match=r"^answers/transaction\.op-1\.1 is damaged: what it has pending"):
        await outbox(USERS["answers"], documents, publisher).send(before, NOW, plenty())
