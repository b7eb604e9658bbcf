"""What is left to do once a letter is settled: an event goes back to its topic, and its body is not kept for ever.

A settled letter is due until both have happened. It is claimed by moving that time on, so two who look at once send it
once; should one die in between, the next sends it again, and who receives it knows that it did. Who finishes must be
allowed to publish to every topic that has dead letters.
"""

from datetime import datetime

from shared.dead_letters import letter as letters
from shared.dead_letters.letter import LETTERS, Letter
from shared.dead_letters.parsing import REDRIVEN
from shared.dead_letters.resolution import expires_at, must_resend
from shared.dead_letters.store import LetterStore, StoredLetter
from shared.deadline import Deadline
from shared.messaging.messages import Message
from shared.messaging.publisher import MAX_ATTRIBUTES, Publisher
from shared.storage.documents import Documents, Increment, reschedule
from shared.storage.due import BatchResult, sweep


async def resend_due(
    documents: Documents, publisher: Publisher, *, now: datetime, limit: int, deadline: Deadline
) -> BatchResult:
    """Finish up to `limit` letters that are due, each whatever becomes of the others.

    Safe to run twice at once, and bounded: what is not done in time is due again in a minute. Raises what the documents
    port does when it cannot even look.
    """
    store = LetterStore(documents)
    return await sweep(
        documents,
        LETTERS.name,
        lambda document: _finish(store, publisher, StoredLetter.of(document), deadline),
        now=now,
        limit=limit,
        deadline=deadline,
    )


async def _finish(store: LetterStore, publisher: Publisher, stored: StoredLetter, deadline: Deadline) -> None:
    """Send one letter, which is ours, where it is to be sent, and let it and its body expire."""
    letter, document, until = stored.letter, stored.document, expires_at(stored.letter)
    if must_resend(letter):
        [body] = await store.bodies([stored], deadline)
        await publisher.publish(letter.topic, [_message(stored.id, letter, body)], deadline)
    keys = [*letters.body_keys(stored.id, letter.size), *([letters.edited_key(stored.id)] if letter.edited else [])]
    # An increment of nothing is what leaves a body as it is.
    bodies = [Increment(key, 0, until) for key in keys]
    await store.documents.commit([*bodies, reschedule(document, None, until)], deadline)


def _message(letter_id: str, letter: Letter, body: bytes) -> Message:
    own = list(letter.attributes.items())[: MAX_ATTRIBUTES - 1]
    return Message(body, {**dict(own), REDRIVEN: letter_id})
