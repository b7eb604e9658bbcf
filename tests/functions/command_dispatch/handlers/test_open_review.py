"""`open_review`: one durable review, one ticket, however often it comes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jwt.api_jws import PyJWS
from msgspec.structs import replace

from functions.command_dispatch.handlers.open_review import OpenReview
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS
from shared.catalogue.yaml_files import content
from shared.commands.command import Command, parse
from shared.commands.outcome import CommandOutcome
from shared.commands.publisher import TopicCommandPublisher
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Conflict, DeadlineExceeded, Invalid, Misconfigured, NotFound, Unavailable
from shared.ids import OperationRef
from shared.privacy import Pseudonymiser
from shared.risk.operation import self_contained
from shared.risk.reviews.policies import ReviewPolicies
from shared.risk.reviews.store import Reviews
from shared.runtime.id_cipher import TokenKeyCipher
from shared.storage.documents import Documents
from shared.trace import Trace
from tests.support.builders.advice import OPERATIONS as SHIPPED
from tests.support.builders.signatures import signatures
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled

TOKENS = Pseudonymiser(b"k" * 32, 1)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TRACE = Trace("0" * 31 + "1", "0" * 15 + "2")
COMMAND = Command(
    id="transaction.op-1.1.0",
    type="open_review",
    version=1,
    issued_at=NOW,
    issued_by="advice",
    not_after=NOW + timedelta(days=7),
    payload={
        "client_id": "C-1", "reasons": ["SCORE_HIGH"], "rule_set": "transaction@2",
        "amount": {"minor": 500_001, "currency": "EUR"},
    },
    operation=OperationRef("transaction", "op-1", 1),
)  # fmt: skip


async def publish(documents: Documents, **changes: Any) -> None:
    """Put an operation in force."""
    catalogue, deadline = Catalogue(documents, OPERATIONS), plenty()
    document = {**self_contained(content(SHIPPED / "transaction.yaml")), **changes}
    document = {name: value for name, value in document.items() if value is not None}
    version = (await catalogue.propose("transaction", document, by="ana", now=NOW, note="", deadline=deadline)).version
    await catalogue.approve("transaction", version.version, by="ben", now=NOW, deadline=deadline)


def handler(documents: Documents, publisher: MemoryPublisher, clock: ManualClock | None = None) -> OpenReview:
    clock = clock or ManualClock(NOW)
    return OpenReview(
        Reviews(documents),
        ReviewPolicies(documents, clock),
        signatures("command_dispatch"),
        tokens,
        TokenKeyCipher(token_key, 1),
        TopicCommandPublisher(publisher),
        clock,
    )


async def tokens() -> Pseudonymiser:
    return TOKENS


async def token_key(version: int, deadline: Deadline) -> bytes:
    return b"k" * 32


async def perform(of: OpenReview, command: Command = COMMAND) -> CommandOutcome:
    return await of.perform(command, uncertain=False, trace=TRACE, deadline=plenty())


def published(publisher: MemoryPublisher) -> list[Command]:
    return [parse(message.data) for messages in publisher.published.values() for message in messages]


async def test_it_opens_a_review_under_its_operations_policy_and_a_ticket() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    await publish(documents)
    assert await perform(handler(documents, publisher)) == CommandOutcome.done({"review": "transaction.op-1.1"})
    review = await Reviews(documents).find("transaction.op-1.1", plenty())
    assert (review.client, review.approvals_needed, review.policy, review.expires_at, review.expires_as) == (
        TOKENS.client("C-1"), 2, "transaction@1", NOW + timedelta(hours=72), "reject",
    )  # fmt: skip
    [ticket] = published(publisher)
    assert ticket.payload["client_id"] == review.client
    assert (ticket.type, ticket.id, ticket.payload["review"]) == ("create_ticket", f"{review.id}:open", review.id)


async def test_the_document_names_the_client_by_a_token_and_whoever_has_the_key_reads_the_id() -> None:
    documents = MemoryDocuments()
    await publish(documents)
    command = replace(COMMAND, payload={**COMMAND.payload, "client_id": "client-4711"})
    await perform(handler(documents, MemoryPublisher()), command)
    [document] = await documents.scan("reviews", plenty(), limit=9)
    review = await Reviews(documents).find("transaction.op-1.1", plenty())
    statement = PyJWS().decode(review.opening, options={"verify_signature": False})
    assert not any(b"4711" in content for content in (document.state, statement))
    ids = TokenKeyCipher(token_key, 1)
    assert await ids.decrypt(review.encrypted_client_id, review.id, plenty()) == "client-4711"


async def test_done_twice_there_is_one_review_and_one_ticket() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    await publish(documents)
    outcomes = [await perform(handler(documents, publisher)) for _ in range(2)]
    assert (outcomes[0], len(published(publisher))) == (outcomes[1], 1)


async def test_a_ticket_that_could_not_be_published_is_when_it_comes_again() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher(topics=())
    await publish(documents)
    with pytest.raises(NotFound):
        await perform(handler(documents, publisher))
    publisher = MemoryPublisher()
    await perform(handler(documents, publisher))
    assert [command.id for command in published(publisher)] == ["transaction.op-1.1:open"]


@pytest.mark.parametrize(("trouble", "error"), [("fail", Unavailable), ("lost", DeadlineExceeded)])
async def test_no_ticket_leads_to_a_review_that_is_not_known_to_be_on_record(
    trouble: str, error: type[Exception]
) -> None:
    documents, publisher = Troubled(), MemoryPublisher()
    await publish(documents)
    documents.commits = trouble
    with pytest.raises(error):
        await perform(handler(documents, publisher))
    assert published(publisher) == []
    documents.commits = "work"
    await perform(handler(documents, publisher))
    assert len(published(publisher)) == 1


async def test_a_second_review_of_something_else_is_refused() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    await publish(documents)
    await perform(handler(documents, publisher))
    other = replace(COMMAND, payload={**COMMAND.payload, "client_id": "C-2"})
    with pytest.raises(Conflict):
        await perform(handler(documents, publisher), other)


async def test_a_policy_that_is_published_later_holds_for_later_reviews() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    await publish(documents)
    clock = ManualClock(NOW)
    of = handler(documents, publisher, clock)
    await perform(of)
    policy = content(SHIPPED / "transaction.yaml")["review"]
    await publish(documents, review={**policy, "four_eyes_above": {"EUR": 900_000}})
    await clock.advance(11)
    await perform(of, replace(COMMAND, operation=OperationRef("transaction", "op-2", 1)))
    reviews = [await Reviews(documents).find(f"transaction.op-{n}.1", plenty()) for n in (1, 2)]
    assert [review.approvals_needed for review in reviews] == [2, 1]


async def test_an_operation_that_is_not_published_or_says_nothing_of_reviews_is_to_be_put_right() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    with pytest.raises(Misconfigured, match="no operation transaction is published"):
        await perform(handler(documents, publisher))
    cases = {"cases": {"default": {"legal": ["APPROVE"], "declared": "APPROVE"}}}
    await publish(documents, review=None, answers=cases)
    with pytest.raises(Misconfigured, match="says nothing about its review"):
        await perform(handler(documents, publisher))


async def test_a_command_without_an_operation_opens_nothing() -> None:
    with pytest.raises(Invalid, match="/operation"):
        await perform(handler(MemoryDocuments(), MemoryPublisher()), replace(COMMAND, operation=None))
