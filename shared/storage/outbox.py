"""The outbox: the messages that a decision leads to are committed as pending in the document of the decision, then
published and cleared, by the decider or later by scheduled work.

Between its publish and its clearing a message may be published again: receivers deduplicate by the id inside.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import msgspec

from shared.deadline import Deadline
from shared.errors import Damaged, Forbidden, Permanent
from shared.storage.codec import Codec
from shared.storage.documents import Document, Documents, Key, Write
from shared.storage.retry import compare_and_set

T = TypeVar("T")
M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)


class MessagePublisher(Protocol[M_contra]):
    """Publishes messages of one kind."""

    async def publish(self, messages: Sequence[M_contra], deadline: Deadline, /) -> object:
        """All of `messages`, confirmed; raises what a publisher does, after which some may have been published."""
        ...


class Outbox(msgspec.Struct, Generic[T, M], frozen=True):
    """Sends the pending messages of one codec's documents. `publisher` makes the publisher when it is first needed.

    `pending` gives a value's messages. `permitted` gives one as the document may send it, `None` where it may not:
    whoever can write to the store could put others there. `cleared` gives the write that removes published messages,
    and leaves the document due only while some remain; `None` where nothing is to be written. All are pure.
    """

    documents: Documents
    codec: Codec[T]
    pending: Callable[[T], Sequence[M]]
    cleared: Callable[[Document, T, Sequence[M], datetime], Write | None]
    publisher: Callable[[], MessagePublisher[M]]
    permitted: Callable[[Document, T, M], M | None]

    async def publish(self, messages: Sequence[M], deadline: Deadline) -> None:
        """Publish messages that are in no document; raises what the publisher does."""
        await self.publisher().publish(messages, deadline)

    async def send(self, document: Document, now: datetime, deadline: Deadline) -> int:
        """Publish and clear the pending messages of a document; returns how many. `now` is aware UTC.

        Raises what the publisher and the documents port do, and `Damaged`: then the document stays due, and all of
        its messages are published again. Raises `Forbidden` once the others are sent, where some were not permitted:
        these stay.
        """
        value = self.codec.decode(document)
        pending = self._pending(document, value)
        permitted = [self.permitted(document, value, message) for message in pending]
        messages = [message for message in permitted if message is not None]
        if messages:
            await self.publish(messages, deadline)
        if messages or not pending:
            await self._clear(document, messages, now, deadline)
        if len(messages) < len(pending):
            raise Forbidden(f"{'/'.join(document.key)} has pending what it may not send")
        return len(messages)

    def _pending(self, document: Document, value: T) -> Sequence[M]:
        try:
            return self.pending(value)
        except Permanent as error:
            raise Damaged(f"{'/'.join(document.key)} is damaged: what it has pending: {error}") from error

    async def _clear(self, document: Document, published: Sequence[M], now: datetime, deadline: Deadline) -> None:
        before: list[Document | None] = [document]  # as it was read; what follows a conflict is read anew

        async def step() -> None:
            current = before.pop() if before else await self._read(document.key, deadline)
            if current is None:
                return  # it has expired meanwhile
            write = self.cleared(current, self.codec.decode(current), published, now)
            if write is not None:
                await self.documents.commit([write], deadline)

        await compare_and_set(step, deadline)

    async def _read(self, key: Key, deadline: Deadline) -> Document | None:
        [document] = await self.documents.read([key], deadline)
        return document
