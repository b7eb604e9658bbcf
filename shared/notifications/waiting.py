"""Notifications that wait for the end of quiet hours, or for whom they go by, and whose time has come."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from shared.claims import claim_due
from shared.deadline import Deadline
from shared.documents import Document, Documents
from shared.errors import Malformed
from shared.messages import Message
from shared.notifications.history import COLLECTION, read
from shared.publisher import Publisher

TOPIC = "notifications"


async def republish_due(
    documents: Documents, publisher: Publisher, *, now: datetime, limit: int, deadline: Deadline
) -> tuple[int, int]:
    """Publish again, as they came, the notifications of up to `limit` clients that are due; gives how many clients were
    taken and how many notifications were published.

    Safe to run twice at once; what was taken and not published is due again in a minute. Raises what the ports do.
    """
    taken = await claim_due(documents, COLLECTION, now=now, limit=limit, deadline=deadline)
    messages = [message for document in taken for message in _due(document, now)]
    if messages:
        await publisher.publish(TOPIC, messages, deadline)
    return len(taken), len(messages)


def _due(document: Document, now: datetime) -> Iterator[Message]:
    """A damaged history is left to people: its client's next notification goes to the dead letters."""
    with suppress(Malformed):
        for entry in read(document.key, document).history.waiting():
            if entry.until is not None and entry.until <= now:
                yield Message(entry.command)
