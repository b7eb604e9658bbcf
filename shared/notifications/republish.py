"""Notifications that wait for the end of quiet hours, or for whom they go by, and whose time has come."""

from datetime import datetime

from shared.deadline import Deadline
from shared.messaging.messages import Message
from shared.messaging.publisher import Publisher
from shared.notifications.history import COLLECTION, read
from shared.storage.documents import Document, Documents
from shared.storage.due import BatchResult, republish

TOPIC = "notifications"


async def republish_due(
    documents: Documents, publisher: Publisher, *, now: datetime, limit: int, deadline: Deadline
) -> BatchResult:
    """Publish again, as they came, the notifications of up to `limit` clients that are due; clients are counted.

    Safe to run twice at once; what was taken and not published is due again in a minute, and so is a damaged history,
    which is left to people. Raises what the ports do.
    """
    return await republish(
        documents,
        COLLECTION,
        lambda document: {TOPIC: _due(document, now)},
        publisher,
        now=now,
        limit=limit,
        deadline=deadline,
    )


def _due(document: Document, now: datetime) -> list[Message]:
    waiting = read(document.key, document).history.waiting()
    return [Message(entry.command) for entry in waiting if entry.until is not None and entry.until <= now]
