"""What a review on record says counts if the function that may say so has signed it, about this very review."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.errors import Forbidden
from shared.ids import OperationRef
from shared.money import Money
from shared.risk.reviews.review import Decision, Review, expired, judge
from tests.support.builders.reviews import HOUR, LARGE, NOW, review
from tests.support.builders.signatures import signatures, signed
from tests.support.deadlines import plenty

DISPATCH, OPERATORS, CLOCK = (signatures(name) for name in ("command_dispatch", "operator_api", "scheduled_work"))


async def judged(of: Review, verdict: str, by: str, function: str = "operator_api") -> Review:
    """The review after somebody has spoken, signed by a function."""
    after = judge(
        of, "approve" if verdict == "approve" else "reject", by=f"{by}@x.example",
        reason="CONFIRMED" if verdict == "approve" else "DENIED", revision=of.revision, now=NOW,
    )  # fmt: skip
    return replace(after, statements=(*of.statements, await signatures(function).said(after, plenty())))


async def approved() -> Review:
    once = await judged(await signed(review(amount=LARGE)), "approve", "ana")
    return await judged(once, "approve", "ben")


async def rejected() -> Review:
    return await judged(await signed(review()), "reject", "ana")


async def over() -> Review:
    opened = await signed(review())
    after = expired(opened, opened.expires_at + HOUR)
    return replace(after, statements=(await CLOCK.said(after, plenty()),))


@pytest.mark.parametrize("decided", [approved, rejected, over])
async def test_what_was_signed_as_it_happened_holds(decided: Callable[[], Awaitable[Review]]) -> None:
    await DISPATCH.verify(await decided(), plenty())


def with_first(of: Review, **changes: Any) -> Review:
    """The review with another first approval."""
    return replace(of, approvals=(replace(of.approvals[0], **changes), *of.approvals[1:]))


FORGERIES: dict[str, Callable[[Review], Review]] = {
    "another amount": lambda of: replace(of, amount=Money(1, "EUR")),
    "another client": lambda of: replace(of, client="C-9"),
    "another operation": lambda of: replace(of, operation=OperationRef("transaction", "op-9", 1)),
    "another policy": lambda of: replace(of, policy="transaction@9"),
    "another time of opening": lambda of: replace(of, opened_at=NOW - timedelta(days=9)),
    "fewer people needed": lambda of: replace(of, approvals_needed=1),
    "another approver": lambda of: with_first(of, by="cem@x.example"),
    "another time of approval": lambda of: with_first(of, at=NOW - HOUR),
    "no statements": lambda of: replace(of, statements=()),
    "one statement less": lambda of: replace(of, statements=of.statements[1:]),
    "one statement twice": lambda of: replace(of, statements=of.statements[:1] * 2),
    "no opening": lambda of: replace(of, opening="", amount=Money(1, "EUR")),
    "a judgement for an opening": lambda of: replace(of, opening=of.statements[0]),
    "garbage": lambda of: replace(of, statements=("garbage",) * 2),
    "another decider": lambda of: replace(of, decision=Decision("approve", "cem@x.example", NOW, "CONFIRMED")),
    "the other verdict": lambda of: replace(of, decision=Decision("reject", "ben@x.example", NOW, "DENIED")),
    "the rule's word": lambda of: replace(of, decision=Decision("approve", of.rule, NOW, "REVIEW_EXPIRED")),
}  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
async def test_nothing_that_was_signed_can_be_changed(forge: Callable[[Review], Review]) -> None:
    with pytest.raises(Forbidden):
        await DISPATCH.verify(forge(await approved()), plenty())


@pytest.mark.parametrize("function", ["scheduled_work", "command_dispatch"])
async def test_a_function_that_may_not_decide_so_is_not_believed(function: str) -> None:
    opened = await signed(review())
    with pytest.raises(Forbidden, match="not signed by operator_api"):
        await DISPATCH.verify(await judged(opened, "approve", "ana", function), plenty())


async def test_an_approval_of_another_review_is_none_of_this_one() -> None:
    other = replace(review(amount=LARGE), operation=OperationRef("transaction", "op-9", 1))
    theirs = await judged(await signed(other), "approve", "ana")
    ours = await signed(review(amount=LARGE))
    counted = await OPERATORS.counted(replace(ours, approvals=theirs.approvals, statements=theirs.statements), plenty())
    assert (counted.approvals, counted.statements) == ((), ())


async def test_of_the_approvals_on_record_those_that_are_signed_count() -> None:
    once = await judged(await signed(review(amount=LARGE)), "approve", "ana")
    forged = replace(once, approvals=(replace(once.approvals[0], by="ben@x.example"), *once.approvals))
    assert (await OPERATORS.counted(forged, plenty())).approvals == ()
    forged = replace(once, approvals=(*once.approvals, replace(once.approvals[0], by="ben@x.example")))
    assert await OPERATORS.counted(forged, plenty()) == once


async def test_a_review_from_before_there_were_statements_takes_two_people() -> None:
    assert (await OPERATORS.counted(review(), plenty())).approvals_needed == 2


async def test_a_review_whose_opening_does_not_hold_is_not_judged() -> None:
    with pytest.raises(Forbidden, match="somebody else has changed it"):
        await OPERATORS.counted(replace(await signed(review()), amount=Money(1, "EUR")), plenty())
