"""What changes a review, on record: an operator's judgement, and the rule's where nobody judged in time.

The new state, the resolution that the decision leads to, and the entry of the audit are one commit.
"""

from collections.abc import Callable
from datetime import datetime

from shared.audit.change import AuditContext, AuditedChange, ChangeResult, DocumentsRead
from shared.errors import NotFound
from shared.privacy import Pseudonymiser
from shared.risk.operation import Verdict
from shared.risk.reviews.commands import resolution
from shared.risk.reviews.review import Review, expired, judge
from shared.risk.reviews.stored_review import CODEC, StoredReview, review_key, written

CLIENT = "client"
"""The kind of id that a client's token is made of, in the log, in tickets and here."""


def judgement(
    review: str,
    verdict: Verdict,
    context: AuditContext,
    *,
    reason: str,
    revision: int,
    tokens: Pseudonymiser,
    issued_by: str,
) -> AuditedChange[Review]:
    """The act by which `deed.actor` approves or rejects; see `shared.risk.reviews.review.judge` for what it raises."""
    return _step(
        review,
        context,
        lambda stored: judge(stored, verdict, by=context.actor, reason=reason, revision=revision, now=context.at),
        tokens,
        issued_by,
    )


def expire(review: str, context: AuditContext, tokens: Pseudonymiser, issued_by: str) -> AuditedChange[Review]:
    """The act by which a review whose time is over is decided by its rule."""
    return _step(review, context, lambda stored: expired(stored, context.at), tokens, issued_by)


def _step(
    review: str, context: AuditContext, change: Callable[[Review], Review], tokens: Pseudonymiser, issued_by: str
) -> AuditedChange[Review]:
    key = review_key(review)

    def fold(documents: DocumentsRead) -> ChangeResult[Review]:
        document = documents[key]
        if document is None:
            raise NotFound("there is no review of this id")
        record = CODEC.decode(document)
        before, after = record.review, change(record.review)
        subjects = (tokens.token(CLIENT, before.client_id),)
        if after == before:
            return ChangeResult(before, targets=(review,), subjects=subjects, changed=False)
        decided = after.decision is not None
        pending = (*record.pending, resolution(after, issued_by, context.trace)) if decided else record.pending
        return ChangeResult(after, [written(document, StoredReview(after, pending), context.at)], (review,), subjects)

    return AuditedChange(context, (key,), fold, (review,))


def due(review: Review, now: datetime) -> bool:
    """Whether its rule is to decide."""
    return expired(review, now) is not review
