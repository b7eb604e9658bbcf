"""What scheduled work does for reviews: those whose time is over are decided by their rule, what is unsent is sent."""

from datetime import datetime

import msgspec

from shared.audit.act import Deed
from shared.audit.log import AuditLog
from shared.commands.publisher import CommandPublisher
from shared.deadline import Deadline
from shared.documents import Documents
from shared.errors import SlackerError
from shared.privacy import Tokens
from shared.reviews.deciding import due, expiry
from shared.reviews.record import CODEC
from shared.reviews.store import Reviews
from shared.storage.due import claim_due
from shared.trace import Trace

EXPIRE = "reviews.expire"


class Swept(msgspec.Struct, frozen=True):
    """How many due reviews were taken, how many of them expired now, how many commands were published, what failed."""

    found: int = 0
    expired: int = 0
    sent: int = 0
    failed: tuple[SlackerError, ...] = ()


class ReviewChores(msgspec.Struct, frozen=True):
    """Looks after the reviews of one store on behalf of `function`; safe to run twice at once."""

    documents: Documents
    audit: AuditLog
    commands: CommandPublisher
    function: str = "scheduled_work"

    async def run(self, now: datetime, limit: int, tokens: Tokens, trace: Trace | None, deadline: Deadline) -> Swept:
        """Look after up to `limit` reviews that are due, the longest due first. One that fails stops neither the rest
        nor those behind: it comes round again after them.

        Raises what the documents port does where they cannot even be listed.
        """
        reviews, expired, sent = Reviews(self.documents), 0, 0
        failed: list[SlackerError] = []
        found = await claim_due(self.documents, CODEC.collection.name, now=now, limit=limit, deadline=deadline)
        for document in found:
            try:
                review = CODEC.decode(document).review
                if due(review, now):
                    deed = Deed(self.function, EXPIRE, now, review.policy, trace)
                    await self.audit.record(expiry(review.id, deed, tokens, self.function), deadline)
                    expired += 1
                sent += await reviews.send(review.id, self.commands, now, deadline)
            except SlackerError as error:
                failed.append(error)
        return Swept(len(found), expired, sent, tuple(failed))
