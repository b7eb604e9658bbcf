"""Claims and processes documents that are due. A claim moves `due_at` on by a lease, under compare-and-set, so that a
document has one claimant at a time and is due again if its claimant has gone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from shared.deadline import Deadline
from shared.errors import SlackerError, WriteConflict
from shared.messaging.messages import Message
from shared.messaging.publisher import Publisher
from shared.storage.documents import Document, Documents, reschedule

LEASE = timedelta(minutes=1)
"""How long a claimed document belongs to its claimant."""

_CONCURRENCY = 16  # documents processed at a time


class BatchResult(NamedTuple):
    """How many due documents were claimed and how many of them processed; the errors of the rest, which are due again
    when their lease ends.
    """

    taken: int
    done: int
    failed: Sequence[SlackerError] = ()


async def claim_due(
    documents: Documents, collection: str, *, now: datetime, limit: int, deadline: Deadline
) -> list[Document]:
    """Up to `limit` documents of `collection` that are due at `now`, the oldest first, each claimed for `LEASE`.

    Raises what the documents port does.
    """
    due = await documents.due(collection, deadline, before=now, limit=limit)
    if not due:
        return []
    try:
        return await _claimed(documents, due, now + LEASE, deadline)
    except WriteConflict:  # another claimant has one of them, or it was processed
        claimed = []
        for document in due:
            try:
                claimed += await _claimed(documents, [document], now + LEASE, deadline)
            except WriteConflict:
                continue
        return claimed


async def sweep(
    documents: Documents,
    collection: str,
    process: Callable[[Document], Awaitable[object]],
    *,
    now: datetime,
    limit: int,
    deadline: Deadline,
) -> BatchResult:
    """Claim what is due and `process` each, 16 at a time; one that fails does not stop the others.

    Errors of our tree that `process` raises are in the result. Safe to run twice at once. Raises what the documents
    port does where nothing could be claimed.
    """
    taken = await claim_due(documents, collection, now=now, limit=limit, deadline=deadline)
    semaphore = asyncio.Semaphore(_CONCURRENCY)

    async def attempt(document: Document) -> SlackerError | None:
        async with semaphore:
            try:
                await process(document)
            except SlackerError as error:
                return error
        return None

    failed = [error for error in await asyncio.gather(*map(attempt, taken)) if error is not None]
    return BatchResult(len(taken), len(taken) - len(failed), failed)


async def republish(
    documents: Documents,
    collection: str,
    messages: Callable[[Document], Mapping[str, Sequence[Message]]],
    publisher: Publisher,
    *,
    now: datetime,
    limit: int,
    deadline: Deadline,
) -> BatchResult:
    """Claim what is due and publish what `messages` gives of each document, by topic: one publish for a whole topic.

    A document is done once all of its messages are confirmed; a topic that fails is one error and holds up no other.
    The receiver of a message makes the document no longer due, so nothing is written here. Raises as `sweep`
    does.
    """
    taken = await claim_due(documents, collection, now=now, limit=limit, deadline=deadline)
    by_topic: dict[str, list[Message]] = {}
    topics_of: list[Iterable[str]] = []
    failed: list[SlackerError] = []
    for document in taken:
        try:
            of_document = messages(document)
        except SlackerError as error:
            failed.append(error)
            continue
        topics_of.append(of_document.keys())
        for topic, some in of_document.items():
            by_topic.setdefault(topic, []).extend(some)
    failures = await asyncio.gather(*(_publish(publisher, *batch, deadline) for batch in by_topic.items()))
    broken = {topic for topic, error in zip(by_topic, failures, strict=True) if error is not None}
    failed += [error for error in failures if error is not None]
    return BatchResult(len(taken), sum(broken.isdisjoint(topics) for topics in topics_of), failed)


async def _publish(
    publisher: Publisher, topic: str, messages: Sequence[Message], deadline: Deadline
) -> SlackerError | None:
    try:
        await publisher.publish(topic, messages, deadline)
    except SlackerError as error:
        return error
    return None


async def _claimed(
    documents: Documents, due: Sequence[Document], until: datetime, deadline: Deadline
) -> list[Document]:
    writes = [reschedule(document, until, document.expires_at) for document in due]
    written = await documents.commit(writes, deadline)
    return [replace(document, version=new.version, due_at=until) for document, new in zip(due, written, strict=True)]
