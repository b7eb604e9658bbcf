"""What is left to do once a letter is settled: an event goes back to its topic, and its body is not kept for ever.

A settled letter is due until both have happened. It is claimed by moving that time on, so two who look at once send it
once; should one die in between, the next sends it again, and who receives it knows that it did. Who finishes must be
allowed to publish to every topic that has dead letters.
"""

import asyncio
from datetime import datetime, timedelta

from shared.dead_letters import letter as letters
from shared.dead_letters.arriving import REDRIVEN
from shared.dead_letters.letter import COLLECTION, Letter
from shared.dead_letters.settling import expires_at, resent
from shared.dead_letters.store import Found, LetterStore
from shared.deadline import Deadline
from shared.documents import Document, Documents, Increment, Update
from shared.errors import SlackerError, WriteConflict
from shared.messages import Message
from shared.publisher import MAX_ATTRIBUTES, Publisher

AGAIN = timedelta(minutes=1)
"""After this a letter is due once more, should it not have been sent."""

_AT_ONCE = 16  # letters on their way


async def finish_due(
    documents: Documents, publisher: Publisher, *, now: datetime, limit: int, deadline: Deadline
) -> tuple[int, int]:
    """Finish up to `limit` letters that are due; gives how many were found and how many of those are finished.

    Safe to run twice at once, and bounded: what is not done in time is due again in a minute. Raises what the documents
    port does when it cannot even look.
    """
    store, finishing = LetterStore(documents), asyncio.Semaphore(_AT_ONCE)
    due = await documents.due(COLLECTION, deadline, before=now, limit=limit)

    async def finish(document: Document) -> bool:
        async with finishing:
            try:
                return await _finish(store, publisher, Found.of(document), now, deadline)
            except SlackerError:
                return False  # it is due again, and found and not finished until whatever is wrong is put right

    done = await asyncio.gather(*map(finish, due))
    return len(due), sum(done)


async def _finish(store: LetterStore, publisher: Publisher, found: Found, now: datetime, deadline: Deadline) -> bool:
    """Send one letter where it is to be sent, and let it and its body expire; `False` where it is somebody else's."""
    letter, document, until = found.letter, found.document, expires_at(found.letter)
    try:
        claim = Update(document.key, document.version, document.state, now + AGAIN, until)
        [claimed] = await store.documents.commit([claim], deadline)
    except WriteConflict:
        return False
    if resent(letter):
        [body] = await store.bodies([found], deadline)
        await publisher.publish(letter.topic, [_message(found.id, letter, body)], deadline)
    keys = [*letters.body_keys(found.id, letter.size), *([letters.edited_key(found.id)] if letter.edited else [])]
    # An increment of nothing is what leaves a body as it is.
    bodies = [Increment(key, 0, until) for key in keys]
    await store.documents.commit(
        [*bodies, Update(document.key, claimed.version, document.state, None, until)], deadline
    )
    return True


def _message(letter_id: str, letter: Letter, body: bytes) -> Message:
    own = list(letter.attributes.items())[: MAX_ATTRIBUTES - 1]
    return Message(body, {**dict(own), REDRIVEN: letter_id})
