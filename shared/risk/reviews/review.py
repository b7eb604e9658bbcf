"""A review as a state machine: opened once, approved by one or two people or rejected by one, or expired by its rule,
and decided once.

    open ── approve (the last that it takes) ──▶ decided: approve
      │ └─ approve (the first of two) ─▶ open
      ├─ reject (anybody) ──────────────────────▶ decided: reject
      └─ nobody in time ────────────────────────▶ decided: as its operation declares
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from shared.errors import Conflict, Invalid, Problem
from shared.ids import OperationRef
from shared.money import Money
from shared.risk.operation import ReviewPolicy, Verdict

EXPIRED = "REVIEW_EXPIRED"
"""The reason of a decision that nobody took."""

_ENDED: Mapping[Verdict, str] = {"approve": "approved", "reject": "rejected"}


class ClientRef(msgspec.Struct, frozen=True):
    """Who a review is about: the client's token, and the id as `shared.runtime.id_cipher` encrypts it."""

    token: str
    encrypted_id: str


class Approval(msgspec.Struct, frozen=True):
    """Somebody is for it; `by` is an e-mail address."""

    by: str
    at: datetime
    reason: str


class Decision(msgspec.Struct, frozen=True):
    """How it ended. `by` is the e-mail address of whoever decided last, or names the rule by which it expired."""

    verdict: Verdict
    by: str
    at: datetime
    reason: str


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One review, with the policy that was in force when it was opened; times are aware UTC.

    `client` is the client's token, in a review from before there was `encrypted_client_id` the id itself. `policy`
    names its operation's version, `approvals_needed` is 1 or 2, `revision` goes up with every step. `opening` is the
    signed statement of how it was opened, empty for a review from before there were any; `statements` are those of what
    was said since: one for each approval, then one for a rejection or its rule's.
    """

    operation: OperationRef
    client: str = msgspec.field(name="client_id")
    amount: Money | None
    opened_for: tuple[str, ...] = msgspec.field(name="why")
    rule_set: str
    policy: str
    opened_at: datetime
    expires_at: datetime
    expires_as: Verdict
    approvals_needed: int
    reasons: Mapping[Verdict, tuple[str, ...]]
    kept_for: timedelta
    revision: int = 1
    approvals: tuple[Approval, ...] = ()
    decision: Decision | None = None
    encrypted_client_id: str = ""
    opening: str = ""
    statements: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Names it everywhere."""
        return self.operation.key

    @property
    def status(self) -> str:
        """`open`, or how it ended."""
        return "open" if self.decision is None else _ENDED[self.decision.verdict]

    @property
    def rule(self) -> str:
        """Who decides where nobody did in time, as a decision names it."""
        return f"expires_as of {self.policy}"

    def as_opened(self) -> "Review":
        """What is reviewed, without what was said or signed since."""
        return msgspec.structs.replace(self, revision=1, approvals=(), decision=None, opening="", statements=())


def opened(
    operation: OperationRef, payload: Mapping[str, object], policy: ReviewPolicy, version: str, kept: timedelta,
    now: datetime, client: ClientRef,
) -> Review:  # fmt: skip
    """The review that a valid payload of `open_review` asks for."""
    amount = _amount(payload.get("amount"))
    reasons = payload["reasons"]
    return Review(
        operation=operation,
        client=client.token,
        encrypted_client_id=client.encrypted_id,
        amount=amount,
        opened_for=tuple(reasons) if isinstance(reasons, list) else (),
        rule_set=str(payload["rule_set"]),
        policy=version,
        opened_at=now,
        expires_at=now + policy.expires_after,
        expires_as=policy.expires_as,
        approvals_needed=policy.approvals(amount),
        reasons=policy.reasons,
        kept_for=kept,
    )


def _amount(document: object) -> Money | None:
    return Money(int(document["minor"]), str(document["currency"])) if isinstance(document, dict) else None


def judge(review: Review, verdict: Verdict, *, by: str, reason: str, revision: int, now: datetime) -> Review:
    """The review after `by` has approved or rejected it, having seen `revision`; the same review where it knows that.

    Raises `Conflict` where it was decided otherwise, has expired, or has changed since it was seen; `Invalid` for a
    reason that its operation does not list.
    """
    if reason not in review.reasons[verdict]:
        raise Invalid(Problem("/reason", f"one of {', '.join(review.reasons[verdict])} expected"))
    if _judged_before(review, verdict, by):
        return review
    if review.decision is not None:
        raise Conflict(f"the review was decided already: {review.decision.verdict}")
    if now >= review.expires_at and review.opening:  # nobody vouches for the time of one whose opening is not signed
        raise Conflict("the review has expired: its operation's rule decides")
    if revision != review.revision:
        raise Conflict(f"the review has changed: look at revision {review.revision} first")
    approvals = (*review.approvals, Approval(by, now, reason)) if verdict == "approve" else review.approvals
    decided = verdict == "reject" or len(approvals) >= review.approvals_needed
    decision = Decision(verdict, by, now, reason) if decided else None
    return msgspec.structs.replace(review, revision=review.revision + 1, approvals=approvals, decision=decision)


def _judged_before(review: Review, verdict: Verdict, by: str) -> bool:
    """Whether this person has said so before, which counts once."""
    if verdict == "approve":
        agreed = review.decision is None or review.decision.verdict == "approve"
        return agreed and person(by) in {person(approval.by) for approval in review.approvals}
    decision = review.decision
    return decision is not None and decision.verdict == "reject" and person(decision.by) == person(by)


def expired(review: Review, now: datetime) -> Review:
    """The review decided by its rule, if its time is over and nobody has; else the same review."""
    if review.decision is not None or now < review.expires_at:
        return review
    decision = Decision(review.expires_as, review.rule, now, EXPIRED)
    return msgspec.structs.replace(review, revision=review.revision + 1, decision=decision)


def person(email: str) -> str:
    """The same for all spellings of an address, whose case means nothing."""
    return email.strip().casefold()
