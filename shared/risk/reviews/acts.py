"""What changes a review, on record and signed: a person's judgement, and the rule's where nobody judged in time.

The statement is signed before anything is committed: without it nothing is, and the act can be repeated. The new state,
the resolution that a decision leads to, and the entry of the audit are one commit, which is refused if the review is no
longer the one that the statement is about.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from shared.audit.change import AuditContext, AuditedChange, ChangeResult, DocumentsRead
from shared.audit.log import AuditLog
from shared.deadline import Deadline
from shared.errors import Conflict, Damaged, Forbidden, Misconfigured, NotFound, Permanent
from shared.privacy import Pseudonymiser
from shared.risk.operation import Verdict
from shared.risk.reviews.commands import resolution
from shared.risk.reviews.review import Review, expired, judge
from shared.risk.reviews.signatures import ReviewSignatures
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import CODEC, StoredReview, review_key, written
from shared.runtime.log import Log

CLIENT = "client"
"""The kind of id that a client's token is made of, in the log, in tickets and here."""

_TO_SIGN = 10.0  # seconds

Change = Callable[[Review], Review]
"""A step of the state machine; it is pure, and raises what `judge` does."""


class _Signed(msgspec.Struct, frozen=True):
    """A review as it was `read`, the same with the approvals that count, and the statement of what is said now, empty
    where nothing new is.
    """

    read: Review
    counted: Review
    statement: str = ""


class ReviewActs(msgspec.Struct, frozen=True):
    """The acts of one function; `signatures` is called for the first of them."""

    reviews: Reviews
    audit: AuditLog
    signatures: Callable[[], ReviewSignatures]
    log: Log
    function: str

    async def judge(
        self, review: str, verdict: Verdict, context: AuditContext, *, reason: str, revision: int,
        tokens: Pseudonymiser, deadline: Deadline,
    ) -> Review:  # fmt: skip
        """The review once `context.actor` has approved or rejected it.

        Raises what `shared.risk.reviews.review.judge` does, `Forbidden` for a review that somebody has tampered with,
        and what signing and the audit do.
        """

        def change(stored: Review) -> Review:
            return judge(stored, verdict, by=context.actor, reason=reason, revision=revision, now=context.at)

        return await self._record(review, change, context, tokens, deadline)

    async def expire(self, review: str, context: AuditContext, tokens: Pseudonymiser, deadline: Deadline) -> Review:
        """The review once its rule has decided it, if its time is over; raises as `judge` does."""

        def change(stored: Review) -> Review:
            after = expired(stored, context.at)
            if after is not stored and not stored.opening:
                raise Forbidden("nobody vouches for the time of a review whose opening is not signed: people decide it")
            return after

        return await self._record(review, change, context, tokens, deadline)

    async def _record(
        self, review: str, change: Change, context: AuditContext, tokens: Pseudonymiser, deadline: Deadline
    ) -> Review:
        try:
            signed = await self._sign(review, change, context, deadline.within(_TO_SIGN))
        except (Damaged, Misconfigured):
            raise
        except Permanent as error:
            if isinstance(error, Forbidden):
                self.log.write_exception("review_not_signed", context.trace, error)
            return await self.audit.record(_refused(review, context, error), deadline)
        return await self.audit.record(self._change(review, change, context, signed, tokens), deadline)

    async def _sign(self, review: str, change: Change, context: AuditContext, deadline: Deadline) -> _Signed:
        signatures, read = self.signatures(), await self.reviews.find(review, deadline)
        if read.decision is not None:
            return _Signed(read, read)
        counted = await signatures.counted(read, deadline)
        unsigned = len(read.approvals) - len(counted.approvals)
        if unsigned:
            about = {"operation": read.operation.name, "operation_id": read.operation.id}
            counts = {"unsigned": unsigned}
            self.log.write("approval_not_signed", "ERROR", context.trace, counts=counts, **about)
        after = change(counted)
        return _Signed(read, counted, "" if after == counted else await signatures.said(after, deadline))

    def _change(
        self, review: str, change: Change, context: AuditContext, signed: _Signed, tokens: Pseudonymiser
    ) -> AuditedChange[Review]:
        key = review_key(review)

        def fold(documents: DocumentsRead) -> ChangeResult[Review]:
            document = documents[key]
            if document is None:
                raise NotFound("there is no review of this id")
            record = CODEC.decode(document)
            before = record.review
            counted = signed.counted if before == signed.read else before
            after = change(counted)
            subjects = (tokens.token_or_id(CLIENT, before.client),)
            if after == counted:
                return ChangeResult(counted, targets=(review,), subjects=subjects, changed=False)
            if before != signed.read or not signed.statement:
                raise Conflict("the review has changed meanwhile: look at it again")
            after = msgspec.structs.replace(after, statements=(*counted.statements, signed.statement))
            decided = after.decision is not None
            pending = (*record.pending, resolution(after, self.function, context.trace)) if decided else record.pending
            writes = [written(document, StoredReview(after, pending), context.at)]
            return ChangeResult(after, writes, (review,), subjects)

        return AuditedChange(context, (key,), fold, (review,))


def _refused(review: str, context: AuditContext, error: Permanent) -> AuditedChange[Review]:
    """The same refusal on record."""

    def fold(_: DocumentsRead) -> ChangeResult[Review]:
        raise error

    return AuditedChange(context, (), fold, (review,))


def due(review: Review, now: datetime) -> bool:
    """Whether its rule is to decide."""
    return review.decision is None and now >= review.expires_at
