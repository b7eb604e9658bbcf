"""Commands that nobody is about to deliver: parked ones whose time has come, lapsed claims, unpublished dead letters.

All come back the same way: the envelope is published to its topic again, and who receives it finds in the ledger what
is to be done.
"""

import asyncio
from datetime import datetime

from shared.commands import ledger
from shared.commands.types import topic_for
from shared.deadline import Deadline
from shared.documents import Documents
from shared.errors import SlackerError
from shared.messages import Message
from shared.publisher import Publisher
from shared.storage.due import BatchResult, claim_due


async def republish_due(
    documents: Documents, publisher: Publisher, *, now: datetime, limit: int, deadline: Deadline
) -> BatchResult:
    """Publish up to `limit` commands that are due, each type's whatever becomes of the others'.

    Safe to run twice at once. Raises what the documents port does; what was taken and not published is due again in a
    minute, and so is an entry that is damaged or of a type that there is no more.
    """
    taken = await claim_due(documents, ledger.COLLECTION, now=now, limit=limit, deadline=deadline)
    by_topic: dict[str, list[Message]] = {}
    failed: list[SlackerError] = []
    for document in taken:
        try:
            entry = ledger.read(document)
            by_topic.setdefault(topic_for(entry.type).name, []).append(Message(entry.envelope))
        except SlackerError as error:
            failed.append(error)

    async def send(topic: str, messages: list[Message]) -> int:
        try:
            return len(await publisher.publish(topic, messages, deadline))
        except SlackerError as error:
            failed.append(error)
            return 0

    sent = await asyncio.gather(*(send(*each) for each in by_topic.items()))
    return BatchResult(len(taken), sum(sent), failed)
