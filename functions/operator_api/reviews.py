"""Reviews over HTTP: list them, read one, approve or reject it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from shared.commands.publisher import CommandPublisher
from shared.errors import SlackerError
from shared.http.api import ApiResponse, Handler
from shared.privacy import Pseudonymiser
from shared.risk.operation import Verdict
from shared.risk.reviews.acts import CLIENT, ReviewActs
from shared.risk.reviews.review import Review
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import CODEC
from shared.runtime.log import Log
from shared.storage.documents import Document, Documents

from .access import OperatorRequest, audit_context

ISSUER = "operator_api"

_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_TO_SEND = 5.0  # seconds that an operator waits for the command to leave: scheduled work sends it otherwise


class ReviewHandlers(msgspec.Struct, frozen=True):
    """The handlers over one store."""

    documents: Documents
    acts: ReviewActs
    commands: CommandPublisher
    log: Log

    def handlers(self) -> dict[str, Handler[str]]:
        """By operation id."""
        return {
            "reviews.list": self.list,
            "reviews.read": self.show,
            "reviews.approve": self.approve,
            "reviews.reject": self.reject,
        }

    async def list(self, request: OperatorRequest) -> ApiResponse:
        """Open ones, those that expire first before the others; or all there are, in order of their ids."""
        limit, after = request.query["limit"], request.query["after"]
        if request.query["status"] == "open":
            documents = await self.documents.due(CODEC.collection.name, request.deadline, before=_EVER, limit=limit)
            reviews, unreadable = _read(documents)
            reviews = sorted(
                (review for review in reviews if review.decision is None), key=lambda review: review.expires_at
            )
            following = None
        else:
            documents = await self.documents.scan(CODEC.collection.name, request.deadline, after=after, limit=limit)
            reviews, unreadable = _read(documents)
            following = documents[-1].key.id if len(documents) == limit else None
        rows = [summary(review, request.tokens) for review in reviews]
        content = {"reviews": rows, "next": following, "unreadable": unreadable}
        return ApiResponse(
            content, tuple(row["id"] for row in rows), tuple(dict.fromkeys(row["client"] for row in rows))
        )

    async def show(self, request: OperatorRequest) -> ApiResponse:
        """One review."""
        review = await Reviews(self.documents).find(request.path["review"], request.deadline)
        content = detail(review, request.tokens)
        return ApiResponse(content, (review.id,), (content["client"],))

    async def approve(self, request: OperatorRequest) -> ApiResponse:
        """Approve one."""
        return await self._judge(request, "approve")

    async def reject(self, request: OperatorRequest) -> ApiResponse:
        """Reject one."""
        return await self._judge(request, "reject")

    async def _judge(self, request: OperatorRequest, verdict: Verdict) -> ApiResponse:
        reason = request.body["reason"]
        review = await self.acts.judge(
            request.path["review"], verdict, audit_context(request, reason), reason=reason,
            revision=request.body["revision"], tokens=request.tokens, deadline=request.deadline,
        )  # fmt: skip
        if review.decision is not None:
            await self._send(review, request)
        return ApiResponse(detail(review, request.tokens))

    async def _send(self, review: Review, request: OperatorRequest) -> None:
        """Publish the decision now if that can be: it is on record, so it is published in any case."""
        deadline = request.deadline.within(_TO_SEND)
        try:
            async with deadline.timeout():
                await Reviews(self.documents).send(review.id, self.commands, request.now, deadline)
        except (SlackerError, TimeoutError) as error:
            self.log.write_exception("review_not_sent", request.trace, error)


def _read(documents: Sequence[Document]) -> tuple[Sequence[Review], Sequence[str]]:
    """The reviews in documents, and the ids of those that cannot be read."""
    reviews, unreadable = list[Review](), list[str]()
    for document in documents:
        try:
            reviews.append(CODEC.decode(document).review)
        except SlackerError:
            unreadable.append(document.key.id)
    return reviews, unreadable


def summary(review: Review, tokens: Pseudonymiser) -> dict[str, Any]:
    """A review in a list; the client is a token."""
    return {
        "id": review.id,
        "operation": review.operation.name,
        "operation_id": review.operation.id,
        "attempt": review.operation.attempt,
        "client": tokens.token_or_id(CLIENT, review.client),
        "amount": review.amount,
        "why": review.opened_for,
        "status": review.status,
        "approvals_needed": review.approvals_needed,
        "approvals_given": len(review.approvals),
        "opened_at": review.opened_at,
        "expires_at": review.expires_at,
        "revision": review.revision,
    }


def detail(review: Review, tokens: Pseudonymiser) -> dict[str, Any]:
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
