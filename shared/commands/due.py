"""Commands that nobody is about to deliver: parked ones whose time has come, lapsed claims, unpublished dead letters.

All come back the same way: the envelope is published to its topic again, and who receives it finds in the ledger what
is to be done. Each is claimed first by moving the time at which it is due, so two who look at once publish it once.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from shared.commands import ledger
from shared.commands.types import topic_for
from shared.deadline import Deadline
from shared.documents import Document, Documents, Update
from shared.errors import Permanent, WriteConflict
from shared.messages import Message
from shared.publisher import Publisher

AGAIN = timedelta(minutes=1)
"""After this a command is due once more, should its message not have been published or not have got there."""

_AT_ONCE = 16  # claims on their way to the store


async def republish_due(
    documents: Documents, publisher: Publisher, *, now: datetime, limit: int, deadline: Deadline
) -> tuple[int, int]:
    """Publish up to `limit` commands that are due; gives how many were found and how many of those were published.

    Safe to run twice at once. Raises what the ports do; what was claimed and not published is due again in a minute.
    """
    found = await documents.due(ledger.COLLECTION, deadline, before=now, limit=limit)
    claiming = asyncio.Semaphore(_AT_ONCE)

    async def claim(document: Document) -> Document | None:
        again = Update(document.key, document.version, document.state, now + AGAIN, document.expires_at)
        async with claiming:
            try:
                await documents.commit([again], deadline)
            except WriteConflict:
                return None  # somebody else's by now
        return document

    claimed = await asyncio.gather(*map(claim, found), return_exceptions=True)
    by_topic: dict[str, list[Message]] = {}
    for document in claimed:
        if isinstance(document, Document):
            _add(by_topic, document)
    for topic, messages in by_topic.items():
        await publisher.publish(topic, messages, deadline)
    for failed in claimed:
        if isinstance(failed, BaseException):
            raise failed
    return len(found), sum(map(len, by_topic.values()))


def _add(by_topic: dict[str, list[Message]], document: Document) -> None:
    """A damaged entry, or one of a type that there is no more, is left: found again and again, and never published."""
    with suppress(Permanent):
        entry = ledger.read(document)
        by_topic.setdefault(topic_for(entry.type).name, []).append(Message(entry.envelope))
