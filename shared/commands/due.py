"""Commands that nobody is about to deliver: parked ones whose time has come, lapsed claims, unpublished dead letters.

All come back the same way: the envelope is published to its topic again, and who receives it finds in the ledger what
is to be done.
"""

from contextlib import suppress
from datetime import datetime

from shared.claims import claim_due
from shared.commands import ledger
from shared.commands.types import topic_for
from shared.deadline import Deadline
from shared.documents import Documents
from shared.errors import Permanent
from shared.messages import Message
from shared.publisher import Publisher


async def republish_due(
    documents: Documents, publisher: Publisher, *, now: datetime, limit: int, deadline: Deadline
) -> tuple[int, int]:
    """Publish up to `limit` commands that are due; gives how many were taken and how many of those were published.

    Safe to run twice at once. Raises what the ports do; what was taken and not published is due again in a minute, and
    so is an entry that is damaged or of a type that there is no more.
    """
    taken = await claim_due(documents, ledger.COLLECTION, now=now, limit=limit, deadline=deadline)
    by_topic: dict[str, list[Message]] = {}
    for document in taken:
        with suppress(Permanent):
            entry = ledger.read(document)
            by_topic.setdefault(topic_for(entry.type).name, []).append(Message(entry.envelope))
    for topic, messages in by_topic.items():
        await publisher.publish(topic, messages, deadline)
    return len(taken), sum(map(len, by_topic.values()))
