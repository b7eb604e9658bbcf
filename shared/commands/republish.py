"""Commands that nobody is about to deliver: parked ones whose time has come, lapsed claims, unpublished dead letters.

All come back the same way: the envelope is published to its topic again, and who receives it finds in the ledger what
is to be done.
"""

from datetime import datetime

from shared.commands import ledger
from shared.commands.types import topic_for
from shared.deadline import Deadline
from shared.messaging.messages import Message
from shared.messaging.publisher import Publisher
from shared.storage.documents import Document, Documents
from shared.storage.due import BatchResult, republish


async def republish_due(
    documents: Documents, publisher: Publisher, *, now: datetime, limit: int, deadline: Deadline
) -> BatchResult:
    """Publish up to `limit` commands that are due, each type's whatever becomes of the others'.

    Safe to run twice at once. Raises what the documents port does; what was taken and not published is due again in a
    minute, and so is an entry that is damaged or of a type that there is no more.
    """
    return await republish(documents, ledger.COLLECTION, _message, publisher, now=now, limit=limit, deadline=deadline)


def _message(document: Document) -> dict[str, list[Message]]:
    entry = ledger.read(document)
    return {topic_for(entry.type).name: [Message(entry.envelope)]}
