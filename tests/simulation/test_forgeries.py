"""Who can write a document, and no more, neither moves money nor has a client told: what decides is signed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from shared.ids import OperationRef
from shared.risk.reviews.commands import resolution, ticket
from shared.risk.reviews.review import Approval, Decision, Review
from shared.risk.reviews.stored_review import StoredReview
from tests.functions.command_dispatch.handlers.test_open_review import COMMAND
from tests.support.builders.approvals import Approvals, approving
from tests.support.builders.command_dispatch import notification
from tests.support.builders.operator_api import NOW

REASON = "CLIENT_CONFIRMED"


@pytest.fixture
async def approvals(tmp_path: Path) -> AsyncIterator[Approvals]:
    async with approving(tmp_path) as running:
        yield running


def approved(review: Review, *people: str) -> StoredReview:
    """The review as those people would have left it, its resolution pending."""
    approvals = tuple(Approval(f"{name}@x.example", NOW, REASON) for name in people)
    decision = Decision("approve", approvals[-1].by, NOW, REASON)
    forged = replace(review, approvals=approvals, decision=decision, revision=1 + len(people))
    return StoredReview(forged, (resolution(forged, "operator_api", None),))


def nothing_happened(approvals: Approvals) -> bool:
    return (approvals.resolved(), approvals.notified()) == ([], 0)


async def test_two_people_approve_and_the_transaction_is(approvals: Approvals) -> None:
    review = await approvals.opened()
    await approvals.office.judge("ana", "approve", REASON)
    await approvals.office.judge("ben", "approve", REASON, 2)
    await approvals.deliver()
    assert (approvals.resolved(), approvals.notified(), approvals.letters()) == (["approved"], 1, [])
    assert (await approvals.stored(review)).review.status == "approved"


async def test_a_review_whose_document_says_that_two_people_approved_it_moves_nothing(approvals: Approvals) -> None:
    review = (await approvals.stored(await approvals.opened())).review
    await approvals.forge(approved(review, "ana", "ben"))
    await approvals.pass_time()
    await approvals.deliver()
    assert nothing_happened(approvals)
    assert "is not signed" in approvals.letters()[0]
    [line] = [line for line in approvals.dispatch.lines() if line.get("command_type") == "resolve_transaction"][-1:]
    assert (line["kind"], line["outcome"], line["code"]) == ("command", "dead_lettered", "forbidden")


async def test_an_approval_that_was_written_into_the_document_is_not_one_of_the_two(approvals: Approvals) -> None:
    review = (await approvals.stored(await approvals.opened())).review
    await approvals.forge(
        StoredReview(replace(review, approvals=(Approval("ben@x.example", NOW, REASON),), revision=2))
    )
    answer = await approvals.office.judge("ana", "approve", REASON, 2)
    await approvals.deliver()
    assert nothing_happened(approvals)
    assert (answer.json["status"], answer.json["approvals_given"]) == ("open", 1)


async def test_a_review_made_smaller_in_its_document_is_not_approved_by_one(approvals: Approvals) -> None:
    review = (await approvals.stored(await approvals.opened())).review
    assert review.amount is not None
    small = replace(review, amount=replace(review.amount, minor=1), approvals_needed=1)
    await approvals.forge(StoredReview(small))
    await approvals.office.judge("ana", "approve", REASON)
    await approvals.pass_time()
    await approvals.deliver()
    assert nothing_happened(approvals)


async def test_a_review_whose_need_of_two_was_taken_away_is_not_approved_by_one(approvals: Approvals) -> None:
    review = (await approvals.stored(await approvals.opened())).review
    await approvals.forge(StoredReview(replace(review, approvals_needed=1)))
    await approvals.office.judge("ana", "approve", REASON)
    await approvals.pass_time()
    await approvals.deliver()
    assert nothing_happened(approvals)


async def test_a_review_whose_time_was_put_forward_does_not_expire_as_another_policy_says(approvals: Approvals) -> None:
    review = (await approvals.stored(await approvals.opened())).review
    await approvals.forge(StoredReview(replace(review, expires_at=NOW, expires_as="approve")))
    await approvals.pass_time()
    await approvals.deliver()
    assert nothing_happened(approvals)


async def test_a_review_that_nobody_opened_does_not_expire(approvals: Approvals) -> None:
    review = (await approvals.stored(await approvals.opened())).review
    other = replace(review, operation=OperationRef("transaction", "op-2", 1), expires_at=NOW, expires_as="approve")
    await approvals.forge(StoredReview(other))
    await approvals.pass_time()
    await approvals.deliver()
    assert nothing_happened(approvals)


async def test_an_answer_sends_what_advice_may_issue_about_its_own_operation_and_nothing_else(
    approvals: Approvals,
) -> None:
    review = (await approvals.stored(await approvals.opened())).review
    [resolved] = approved(review, "ana", "ben").pending
    other = replace(COMMAND, operation=OperationRef("transaction", "op-9", 1), id="transaction.op-9.1.0")
    own = replace(COMMAND, id=f"{review.id}.1")
    await approvals.answer(review.id, resolved, other, own)
    counts = await approvals.pass_time()
    assert approvals.published("resolve_transaction") == []
    assert approvals.published("open_review") == [own.id]
    assert counts["unsent_answers"]["failed"] == 1
    [line] = approvals.work.lines("work_failed")
    assert (line["severity"], line["error"]) == ("ERROR", "Forbidden")


async def test_an_answer_that_advice_has_not_written_has_no_client_told_anything(approvals: Approvals) -> None:
    review = (await approvals.stored(await approvals.opened())).review
    await approvals.answer(review.id, notification(operation=review.operation))
    counts = await approvals.pass_time()
    await approvals.deliver()
    assert (nothing_happened(approvals), counts["unsent_answers"]["failed"]) == (True, 1)


async def test_a_small_review_of_another_attempt_that_advice_has_not_written_takes_two_people(
    approvals: Approvals,
) -> None:
    await approvals.opened()
    again = OperationRef("transaction", "op-1", 2)
    small = {**COMMAND.payload, "amount": {"minor": 1, "currency": "EUR"}}
    await approvals.answer(again.key, replace(COMMAND, id=f"{again.key}.0", operation=again, payload=small))
    await approvals.pass_time()
    await approvals.deliver()
    body = {"reason": REASON, "revision": 1}
    judged = await approvals.office.call("ana", "POST", f"/v1/reviews/{again.key}/approve", body)
    await approvals.deliver()
    assert (judged.json["status"], judged.json["amount"], nothing_happened(approvals)) == ("open", None, True)


async def test_a_review_sends_nothing_but_its_own_ticket_and_resolution(approvals: Approvals) -> None:
    review = (await approvals.stored(await approvals.opened())).review
    [resolved] = approved(review, "ana", "ben").pending
    foreign = replace(resolved, operation=OperationRef("transaction", "op-9", 1))
    strange = ticket(replace(review, client="C-9"), "command_dispatch", None)
    await approvals.forge(StoredReview(review, (notification(operation=review.operation), foreign, strange)))
    counts = await approvals.pass_time()
    kinds = ("notify_client", "resolve_transaction", "create_ticket")
    assert [approvals.published(kind) for kind in kinds] == [[], [], [f"{review.id}:open"]]
    assert counts["due_reviews"]["failed"] == 1
