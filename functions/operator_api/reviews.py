"""Reviews over HTTP: what waits for somebody, everything about one, and the two things that can be said of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from shared.audit.log import AuditLog
from shared.documents import Document, Documents
from shared.errors import SlackerError
from shared.logs import Log
from shared.operation import Verdict
from shared.privacy import Tokens
from shared.reviews.deciding import CLIENT, judgement
from shared.reviews.record import COLLECTION, read
from shared.reviews.review import Review
from shared.reviews.store import Issuing, Reviews

from .roles import Role
from .route import Asked, Route, Shown

ISSUER = "operator_api"

_REVIEWERS = frozenset({Role.REVIEWER})
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_TO_SEND = 5.0  # seconds that an operator waits for the command to leave: scheduled work sends it otherwise


class ReviewRoutes(msgspec.Struct, frozen=True):
    """The routes over one store."""

    documents: Documents
    audit: AuditLog
    commands: Issuing
    log: Log

    def routes(self) -> tuple[Route, ...]:
        """See `Route`."""
        return (
            Route("GET", "/v1/reviews", _REVIEWERS, "reviews.list", self.list),
            Route("GET", "/v1/reviews/{review}", _REVIEWERS, "reviews.read", self.show),
            Route("POST", "/v1/reviews/{review}/approve", _REVIEWERS, "reviews.approve", self.approve),
            Route("POST", "/v1/reviews/{review}/reject", _REVIEWERS, "reviews.reject", self.reject),
        )

    async def list(self, asked: Asked) -> Shown:
        """Open ones, those that expire first before the others; or all there are, in order of their ids."""
        limit, after = asked.query["limit"], asked.query["after"]
        if asked.query["status"] == "open":
            found = await self.documents.due(COLLECTION, asked.deadline, before=_EVER, limit=limit)
            reviews, unreadable = _read(found)
            reviews = sorted((each for each in reviews if each.decision is None), key=lambda each: each.expires_at)
            following = None
        else:
            found = await self.documents.scan(COLLECTION, asked.deadline, after=after, limit=limit)
            reviews, unreadable = _read(found)
            following = found[-1].key.id if len(found) == limit else None
        rows = [summary(review, asked.tokens) for review in reviews]
        content = {"reviews": rows, "next": following, "unreadable": unreadable}
        return Shown(content, tuple(row["id"] for row in rows), tuple(dict.fromkeys(row["client"] for row in rows)))

    async def show(self, asked: Asked) -> Shown:
        """One review."""
        review = await Reviews(self.documents).find(asked.path["review"], asked.deadline)
        content = detail(review, asked.tokens)
        return Shown(content, (review.id,), (content["client"],))

    async def approve(self, asked: Asked) -> Shown:
        """Somebody is for it."""
        return await self._judge(asked, "approve")

    async def reject(self, asked: Asked) -> Shown:
        """Somebody is against it."""
        return await self._judge(asked, "reject")

    async def _judge(self, asked: Asked, verdict: Verdict) -> Shown:
        reason = asked.body["reason"]
        act = judgement(
            asked.path["review"], verdict, asked.deed(reason), reason=reason, revision=asked.body["revision"],
            tokens=asked.tokens, issued_by=ISSUER,
        )  # fmt: skip
        review = await self.audit.record(act, asked.deadline)
        if review.decision is not None:
            await self._send(review, asked)
        return Shown(detail(review, asked.tokens))

    async def _send(self, review: Review, asked: Asked) -> None:
        """Publish the decision now if that can be: it is on record, so it is published in any case."""
        deadline = asked.deadline.within(_TO_SEND)
        try:
            async with deadline.timeout():
                await Reviews(self.documents).send(review.id, self.commands, asked.now, deadline)
        except (SlackerError, TimeoutError) as error:
            self.log.failed("review_not_sent", asked.trace, error)


def _read(found: Sequence[Document]) -> tuple[Sequence[Review], Sequence[str]]:
    """The reviews in documents, and the ids of those that cannot be read: they keep nobody from the others."""
    reviews, unreadable = list[Review](), list[str]()
    for document in found:
        try:
            reviews.append(read(document).review)
        except SlackerError:
            unreadable.append(document.key.id)
    return reviews, unreadable


def summary(review: Review, tokens: Tokens) -> dict[str, Any]:
    """A review in a list; the client is a token."""
    return {
        "id": review.id,
        "operation": review.operation.name,
        "operation_id": review.operation.id,
        "attempt": review.operation.attempt,
        "client": tokens.token(CLIENT, review.client_id),
        "amount": review.amount,
        "why": review.why,
        "status": review.status,
        "approvals_needed": review.approvals_needed,
        "approvals_given": len(review.approvals),
        "opened_at": review.opened_at,
        "expires_at": review.expires_at,
        "revision": review.revision,
    }


def detail(review: Review, tokens: Tokens) -> dict[str, Any]:
    """All that a reviewer may know of it."""
    return {
        **summary(review, tokens),
        "rule_set": review.rule_set,
        "policy": review.policy,
        "expires_as": review.expires_as,
        "reasons": review.reasons,
        "approvals": review.approvals,
        "decision": review.decision,
    }
