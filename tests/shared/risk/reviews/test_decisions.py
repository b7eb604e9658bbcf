"""A resolution is carried out only as its review was decided: on record, signed, and as its policy asks."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.audit.change import AuditContext
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Forbidden, Unavailable
from shared.ids import OperationRef
from shared.money import Money
from shared.privacy import Pseudonymiser
from shared.risk.operation import ReviewPolicy
from shared.risk.reviews.commands import resolution
from shared.risk.reviews.decisions import SignedDecisions, check_policy
from shared.risk.reviews.policies import ReviewPolicies
from shared.risk.reviews.review import Approval, Decision, Review
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import StoredReview
from shared.storage.documents import Documents
from tests.functions.command_dispatch.handlers.test_open_review import publish
from tests.support.builders.reviews import HOUR, LARGE, NOW, POLICY, review
from tests.support.builders.signatures import acts, signatures, signed
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled

TOKENS = Pseudonymiser(b"k" * 32, 1)
REASONS = {"approve": ("CLIENT_CONFIRMED",), "reject": ("CLIENT_DENIED",)}


def decisions(documents: Documents, now: datetime = NOW) -> SignedDecisions:
    clock = ManualClock(now)
    return SignedDecisions(Reviews(documents), signatures("command_dispatch"), ReviewPolicies(documents, clock), clock)


async def opened(documents: Documents, **payload: Any) -> Review:
    await publish(documents)
    made = await signed(replace(review(**payload), reasons=REASONS))
    await Reviews(documents).open(StoredReview(made), NOW, plenty())
    return made


async def approve(documents: Documents, *people: str) -> Review:
    for name in people:
        at = await Reviews(documents).find(review().id, plenty())
        context = AuditContext(f"{name}@x.example", "reviews.approve", NOW)
        await acts(documents, "operator_api").judge(
            at.id, "approve", context, reason="CLIENT_CONFIRMED", revision=at.revision, tokens=TOKENS, deadline=plenty()
        )
    return await Reviews(documents).find(review().id, plenty())


async def test_a_decision_is_confirmed_only_as_it_is_on_record() -> None:
    documents = MemoryDocuments()
    await opened(documents)
    reviewed = await approve(documents, "ana")
    command = resolution(reviewed, "operator_api", None)
    assert await decisions(documents).confirmed(command, plenty()) == reviewed
    for name, value in (("transaction_id", "op-2"), ("decision", "reject"), ("reviewer", "x@x"), ("reason", "OTHER")):
        forged = replace(command, payload={**command.payload, name: value})
        with pytest.raises(Forbidden, match="does not hold this decision"):
            await decisions(documents).confirmed(forged, plenty())
    missing = replace(command, payload={**command.payload, "review": "no.such.1"})
    with pytest.raises(Forbidden, match="not on record"):
        await decisions(documents).confirmed(missing, plenty())
    for operation in (None, OperationRef("transaction", "op-1", 2)):
        with pytest.raises(Forbidden, match="of another operation"):
            await decisions(documents).confirmed(replace(command, operation=operation), plenty())


async def test_half_of_an_approval_confirms_nothing() -> None:
    documents = MemoryDocuments()
    await opened(documents, amount=LARGE)
    half = await approve(documents, "ana")
    assert half.decision is None
    wished = replace(half, decision=Decision("approve", "ana@x.example", NOW, "CLIENT_CONFIRMED"))
    with pytest.raises(Forbidden, match="does not hold this decision"):
        await decisions(documents).confirmed(resolution(wished, "operator_api", None), plenty())


async def test_a_decision_from_before_decisions_were_signed_is_refused_by_name() -> None:
    documents = MemoryDocuments()
    await publish(documents)
    approval = Approval("ana@x.example", NOW, "CLIENT_CONFIRMED")
    decided = replace(review(), approvals=(approval,), decision=Decision("approve", *_said(approval)))
    await Reviews(documents).open(StoredReview(decided), NOW, plenty())
    with pytest.raises(Forbidden, match="what was said of the review on record is not signed"):
        await decisions(documents).confirmed(resolution(decided, "operator_api", None), plenty())


async def test_while_the_store_cannot_say_nothing_is_refused() -> None:
    documents = Troubled()
    await opened(documents)
    command = resolution(await approve(documents, "ana"), "operator_api", None)
    documents.reads = "fail"
    with pytest.raises(Unavailable):
        await decisions(documents).confirmed(command, plenty())


def _said(approval: Approval) -> tuple[str, datetime, str]:
    return approval.by, approval.at, approval.reason


def decided(*people: str, opening: str = "signed", amount: Money | None = None, reason: str = "CONFIRMED") -> Review:
    """A review that those people approved, in this order."""
    approvals = tuple(Approval(f"{name}@x.example", NOW, reason) for name in people)
    made = replace(review(), opening=opening, amount=amount or Money(500_001, "EUR"), approvals=approvals)
    return replace(made, decision=Decision("approve", *_said(approvals[-1])))


def ruled(verdict: str = "reject", opening: str = "signed") -> Review:
    made = replace(review(), opening=opening)
    return replace(
        made, decision=Decision("approve" if verdict == "approve" else "reject", made.rule, NOW, "REVIEW_EXPIRED")
    )


OVER = NOW + POLICY.expires_after


@pytest.mark.parametrize(
    ("case", "now"),
    [
        (decided("ana", "ben"), NOW),
        (decided("ana", amount=Money(500_000, "EUR")), NOW),
        (decided("ana", "ben", opening=""), NOW),
        (ruled(), OVER),
        (replace(review(), decision=Decision("reject", "ana@x.example", NOW, "DENIED")), NOW),
    ],
)
def test_what_the_policy_asks_for_is_enough(case: Review, now: datetime) -> None:
    check_policy(case, POLICY, now)


@pytest.mark.parametrize(
    ("case", "now", "refusal"),
    [
        (decided("ana"), NOW, "approved by 1 of the 2 people"),
        (decided("ana", "ana"), NOW, "approved by 1 of the 2 people"),
        (decided("ana", "ANA"), NOW, "approved by 1 of the 2 people"),
        (decided("ana", amount=Money(1, "CHF")), NOW, "approved by 1 of the 2 people"),
        (decided("ana", amount=Money(1, "EUR"), opening=""), NOW, "approved by 1 of the 2 people"),
        (decided("ana", "ben", reason="BECAUSE"), NOW, "none of its policy's"),
        (replace(review(), decision=Decision("reject", "ana@x.example", NOW, "BECAUSE")), NOW, "none of its policy's"),
        (ruled(), OVER - HOUR, "before its time was over"),
        (ruled("approve"), OVER, "otherwise than its policy says"),
        (ruled(opening=""), OVER, "nobody vouches for when"),
        (review(), NOW, "not decided"),
    ],
)
def test_what_the_policy_does_not_allow_is_refused(case: Review, now: datetime, refusal: str) -> None:
    with pytest.raises(Forbidden, match=refusal):
        check_policy(case, POLICY, now)


def test_a_rule_that_approves_may_if_its_policy_says_so() -> None:
    lenient = ReviewPolicy(timedelta(hours=1), "approve", {}, POLICY.reasons)
    check_policy(ruled("approve"), lenient, NOW + HOUR)
