"""What scheduled work does for reviews: those whose time is over are decided by their rule, what is unsent is sent."""

from datetime import datetime

import msgspec

from shared.audit.change import AuditContext
from shared.commands.publisher import CommandPublisher
from shared.deadline import Deadline
from shared.privacy import Pseudonymiser
from shared.risk.reviews.acts import ReviewActs, due
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import CODEC
from shared.storage.documents import Document, Documents
from shared.storage.due import BatchResult, sweep
from shared.trace import Trace

EXPIRE = "reviews.expire"


class ReviewSweep(msgspec.Struct, frozen=True):
    """Looks after the reviews of one store; safe to run twice at once."""

    documents: Documents
    acts: ReviewActs
    commands: CommandPublisher

    async def run(
        self, now: datetime, limit: int, tokens: Pseudonymiser, trace: Trace | None, deadline: Deadline
    ) -> BatchResult:
        """Look after up to `limit` reviews that are due; see `shared.storage.due.sweep`."""
        reviews = Reviews(self.documents)

        async def look_after(document: Document) -> None:
            review = CODEC.decode(document).review
            if due(review, now):
                context = AuditContext(self.acts.function, EXPIRE, now, review.policy, trace)
                await self.acts.expire(review.id, context, tokens, deadline)
            await reviews.send(review.id, self.commands, now, deadline)

        name = CODEC.collection.name
        return await sweep(self.documents, name, look_after, now=now, limit=limit, deadline=deadline)
