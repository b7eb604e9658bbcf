"""Reviews on record: opened once, sent at least once, confirmed to whoever is about to act on them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.audit.change import AuditContext
from shared.commands.command import Command
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Conflict, DeadlineExceeded, NotFound, Unavailable
from shared.ids import OperationRef
from shared.privacy import Pseudonymiser
from shared.risk.reviews.commands import ticket
from shared.risk.reviews.review import Review
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import CODEC, StoredReview, review_key
from shared.risk.reviews.sweep import ReviewSweep
from shared.storage.documents import Create, Documents
from shared.storage.due import LEASE, BatchResult
from tests.support.builders.reviews import HOUR, NOW, review
from tests.support.builders.signatures import acts, signed
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled

TOKENS = Pseudonymiser(b"k" * 32, 1)
LATER = NOW + timedelta(minutes=2)


class Issued:
    """Takes commands, or fails while told to."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.failing = False

    async def publish(self, commands: Sequence[Command], deadline: Deadline) -> None:
        if self.failing:
            raise Unavailable("no topic answers")
        self.commands += commands


def soon() -> Deadline:
    return plenty()


async def fresh(**payload: Any) -> StoredReview:
    new = await signed(review(**payload))
    return StoredReview(new, (ticket(new, "command_dispatch", None),))


async def decided(documents: Documents, by: str = "ana@x.example") -> Review:
    context = AuditContext(by, "reviews.approve", NOW)
    return await acts(documents, "operator_api").judge(
        review().id, "approve", context, reason="CONFIRMED", revision=1, tokens=TOKENS, deadline=soon()
    )


async def sweep(documents: Documents, issued: Issued, now: datetime, limit: int = 100) -> BatchResult:
    looking = ReviewSweep(documents, acts(documents, "scheduled_work"), issued)
    return await looking.run(now, limit, TOKENS, None, soon())


async def due(documents: Documents, now: datetime) -> list[str]:
    return [document.key.id for document in await documents.due(CODEC.collection.name, soon(), before=now)]


async def test_opened_twice_it_is_opened_once() -> None:
    reviews = Reviews(MemoryDocuments())
    first = await reviews.open(await fresh(), NOW, soon())
    again = replace(await fresh(), review=replace(review(), opened_at=LATER))
    assert await reviews.open(again, LATER, soon()) == first


async def test_an_operation_has_no_second_review_of_something_else() -> None:
    reviews = Reviews(MemoryDocuments())
    await reviews.open(await fresh(), NOW, soon())
    with pytest.raises(Conflict, match="something else"):
        await reviews.open(await fresh(client_id="C-2"), NOW, soon())


async def test_a_review_from_before_clients_were_tokens_is_found_again() -> None:
    reviews, before = Reviews(MemoryDocuments()), replace(review(), client="C-1", encrypted_client_id="")
    await reviews.open(StoredReview(before), NOW, soon())
    assert (await reviews.open(await fresh(), LATER, soon(), client_id="C-1")).review == before
    with pytest.raises(Conflict, match="something else"):
        await reviews.open(await fresh(client_id="C-2"), LATER, soon(), client_id="C-2")


async def test_opening_that_was_not_confirmed_is_found_when_it_is_done_again() -> None:
    documents = Troubled(commits="lost")
    with pytest.raises(DeadlineExceeded):
        await Reviews(documents).open(await fresh(), NOW, soon())
    documents.commits = "work"
    on_record = await Reviews(documents).open(await fresh(), LATER, soon())
    assert (on_record.review.opened_at, len(on_record.pending)) == (NOW, 1)


async def test_what_is_to_be_published_is_due_until_it_is_and_the_review_until_it_expires() -> None:
    documents, issued = MemoryDocuments(), Issued()
    await Reviews(documents).open(await fresh(), NOW, soon())
    assert (await due(documents, NOW), await due(documents, LATER)) == ([], [review().id])
    assert await Reviews(documents).send(review().id, issued, NOW, soon()) == 1
    assert [command.id for command in issued.commands] == ["transaction.op-1.1:open"]
    assert (await due(documents, LATER), await due(documents, review().expires_at)) == ([], [review().id])
    assert await Reviews(documents).send(review().id, issued, NOW, soon()) == 0


async def test_a_decided_review_is_kept_as_long_as_its_operation_says_once_all_is_sent() -> None:
    documents, issued = MemoryDocuments(), Issued()
    await Reviews(documents).open(await fresh(), NOW, soon())
    await decided(documents)
    [unsent] = await documents.read([review_key(review().id)], soon())
    await Reviews(documents).send(review().id, issued, LATER, soon())
    [sent] = await documents.read([review_key(review().id)], soon())
    assert unsent is not None
    assert sent is not None
    assert (unsent.expires_at, sent.due_at, sent.expires_at) == (None, None, LATER + timedelta(days=400))


async def test_a_decision_that_is_taken_while_the_ticket_is_sent_stays() -> None:
    documents = MemoryDocuments()
    await Reviews(documents).open(await fresh(), NOW, soon())

    class Meanwhile(Issued):
        async def publish(self, commands: Sequence[Command], deadline: Deadline) -> None:
            await super().publish(commands, deadline)
            if len(self.commands) == 1:
                await decided(documents)

    issued = Meanwhile()
    await Reviews(documents).send(review().id, issued, NOW, soon())
    await Reviews(documents).send(review().id, issued, NOW, soon())
    assert [command.id for command in issued.commands] == ["transaction.op-1.1:open", "transaction.op-1.1:done"]
    assert (await Reviews(documents).find(review().id, soon())).decision is not None


async def test_a_review_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        await Reviews(MemoryDocuments()).find("transaction.op-1.1", soon())


async def test_the_clock_decides_what_nobody_did_and_sends_it_once() -> None:
    documents, issued = MemoryDocuments(), Issued()
    await Reviews(documents).open(await fresh(), NOW, soon())
    over = review().expires_at + HOUR
    assert await sweep(documents, issued, over) == (1, 1, [])
    assert [(command.id, command.issued_by) for command in issued.commands] == [
        ("transaction.op-1.1:open", "command_dispatch"), ("transaction.op-1.1:done", "scheduled_work"),
    ]  # fmt: skip
    assert issued.commands[1].payload["reviewer"] == "expires_as of transaction@1"
    assert await sweep(documents, issued, over) == (0, 0, [])


async def test_two_clocks_at_once_decide_once() -> None:
    documents, issued = MemoryDocuments(), Issued()
    await Reviews(documents).open(await fresh(), NOW, soon())
    over = review().expires_at
    await asyncio.gather(*(sweep(documents, issued, over) for _ in range(4)))
    digests = {command.id: command.digest() for command in issued.commands}
    assert len({(command.id, command.digest()) for command in issued.commands}) == len(digests) == 2


async def test_what_cannot_be_published_is_reported_and_comes_round_a_minute_later() -> None:
    documents, issued = MemoryDocuments(), Issued()
    await Reviews(documents).open(await fresh(), NOW, soon())
    issued.failing = True
    swept = await sweep(documents, issued, LATER)
    assert (swept.taken, swept.done, [str(error) for error in swept.failed]) == (1, 0, ["no topic answers"])
    issued.failing = False
    assert await sweep(documents, issued, LATER) == (0, 0, [])
    assert await sweep(documents, issued, LATER + LEASE) == (1, 1, [])


async def test_reviews_that_fail_and_those_that_are_damaged_keep_nobody_from_the_others() -> None:
    class Choosing(Issued):
        async def publish(self, commands: Sequence[Command], deadline: Deadline) -> None:
            self.failing = commands[0].payload["client_id"] == TOKENS.client("C-2")
            await super().publish(commands, deadline)

    documents, issued = MemoryDocuments(), Choosing()
    await documents.commit([Create(review_key("damaged"), b"\xff", NOW)], soon())
    for number, client in enumerate(("C-2", "C-2", "C-1")):
        reviewed = replace(review(client_id=client), operation=OperationRef("transaction", f"op-{number}", 1))
        await Reviews(documents).open(
            StoredReview(reviewed, (ticket(reviewed, "command_dispatch", None),)), NOW, soon()
        )
    swept = [await sweep(documents, issued, LATER, limit=1) for _ in range(4)]
    assert [len(result.failed) for result in swept] == [1, 1, 1, 0]
    assert [command.id for command in issued.commands] == ["transaction.op-2.1:open"]
