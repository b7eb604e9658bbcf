"""The decision behind a `resolve_transaction`: on record, signed by who may take it, and as its policy asks."""

from datetime import datetime, timedelta

import msgspec

from shared.clock import Clock
from shared.commands.command import Command
from shared.deadline import Deadline
from shared.errors import Forbidden, NotFound
from shared.risk.operation import ReviewPolicy
from shared.risk.reviews.policies import ReviewPolicies
from shared.risk.reviews.review import Review, person
from shared.risk.reviews.signatures import ReviewSignatures
from shared.risk.reviews.store import Reviews

_CLOCKS = timedelta(minutes=1)
"""By how much the clocks of two functions may differ."""


class SignedDecisions(msgspec.Struct, frozen=True):
    """The decided reviews of one store."""

    reviews: Reviews
    signatures: ReviewSignatures
    policies: ReviewPolicies
    clock: Clock

    async def confirmed(self, command: Command, deadline: Deadline) -> Review:
        """The review that decided what `command` says.

        Raises `Forbidden` unless it is on record as decided just so, all of that is signed, and its policy allows it;
        besides what the ports of documents and of signing do.
        """
        try:
            review = await self.reviews.find(command.payload["review"], deadline)
        except NotFound as error:
            raise Forbidden("the review of this decision is not on record") from error
        _check_command(command, review)
        await self.signatures.verify(review, deadline)
        check_policy(review, await self.policies.published(review, deadline), self.clock.now())
        return review


def _check_command(command: Command, review: Review) -> None:
    claimed = tuple(command.payload[name] for name in ("transaction_id", "decision", "reviewer", "reason"))
    decision = review.decision
    if decision is None or claimed != (review.operation.id, decision.verdict, decision.by, decision.reason):
        raise Forbidden("the review on record does not hold this decision")
    if command.operation != review.operation:
        raise Forbidden("the review of this decision is of another operation")


def check_policy(review: Review, policy: ReviewPolicy, now: datetime) -> None:
    """Return if a decided review, all of which is signed, was decided as `policy` asks; raises `Forbidden`.

    An amount counts only where the review's opening is signed; without an amount an approval takes two people.
    """
    decision = review.decision
    if decision is None:
        raise Forbidden("the review is not decided")
    if decision.by == review.rule:
        return _check_expiry(review, policy, now)
    if decision.reason not in policy.reasons[decision.verdict]:
        raise Forbidden("the reason of this decision is none of its policy's")
    people = {person(approval.by) for approval in review.approvals}
    needed = policy.approvals(review.amount if review.opening else None)
    if decision.verdict == "approve" and len(people) < needed:
        raise Forbidden(f"approved by {len(people)} of the {needed} people that its policy asks for")
    return None


def _check_expiry(review: Review, policy: ReviewPolicy, now: datetime) -> None:
    if not review.opening:
        raise Forbidden("nobody vouches for when the review was opened, so its rule cannot have decided it")
    if now + _CLOCKS < review.opened_at + policy.expires_after:
        raise Forbidden("decided by its rule before its time was over")
    if review.decision is None or review.decision.verdict != policy.expires_as:
        raise Forbidden("decided by its rule otherwise than its policy says")
