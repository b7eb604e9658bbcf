"""The reviews in the documents store: opened safely twice, their outbox emptied by whoever can."""

from datetime import datetime

import msgspec

from shared.commands.publisher import CommandPublisher
from shared.deadline import Deadline
from shared.errors import Conflict, NotFound, WriteConflict
from shared.risk.reviews.review import Review
from shared.risk.reviews.stored_review import CODEC, StoredReview, outbox, review_key, written
from shared.storage.documents import Document, Documents


class Reviews(msgspec.Struct, frozen=True):
    """The reviews of one store; every call raises what the documents port does."""

    documents: Documents

    async def find(self, review: str, deadline: Deadline) -> Review:
        """The review of that id; raises `NotFound`."""
        return (await self._read(review, deadline))[1].review

    async def open(
        self, record: StoredReview, now: datetime, deadline: Deadline, *, client_id: str = ""
    ) -> StoredReview:
        """Put a new review on record, and give it as it stands there: it may have been opened, and more, before.
        `client_id` is that of its client, by which a review from before there were tokens names it.

        Raises `Conflict` where the same operation has a review of something else.
        """
        try:
            await self.documents.commit([written(None, record, now)], deadline)
        except WriteConflict:
            _, stored = await self._read(record.review.id, deadline)
            same_client = stored.review.client in {record.review.client, client_id}
            if not same_client or _subject(stored.review) != _subject(record.review):
                raise Conflict("this operation and attempt have a review of something else") from None
            return stored
        return record

    async def send(self, review: str, commands: CommandPublisher, now: datetime, deadline: Deadline) -> int:
        """Publish what a review has to publish, and strike it out; gives how many commands that were.

        Done by two at once a command is published twice, which does its thing once.
        """
        document, _ = await self._read(review, deadline)
        return await outbox(self.documents, lambda: commands).send(document, now, deadline)

    async def _read(self, review: str, deadline: Deadline) -> tuple[Document, StoredReview]:
        [document] = await self.documents.read([review_key(review)], deadline)
        if document is None:
            raise NotFound("there is no review of this id")
        return document, CODEC.decode(document)


def _subject(review: Review) -> tuple[object, ...]:
    """What was asked to be reviewed, but of whom."""
    return review.amount, review.opened_for, review.rule_set
