"""Taking what is due, so that of several who look at once each document goes to one: its `due_at` is moved on under
compare-and-set, and comes round again should whoever took it be gone by then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from shared.deadline import Deadline
from shared.documents import Document, Documents, reschedule
from shared.errors import SlackerError, WriteConflict
from shared.messages import Message
from shared.publisher import Publisher

LEASE = timedelta(minutes=1)
"""How long a taken document is left to whoever took it."""

_AT_ONCE = 16  # documents on their way


class BatchResult(NamedTuple):
    """How many due documents were taken, how many of them were done, and what went wrong with the rest, which come
    round again.
    """

    taken: int
    done: int
    failed: Sequence[SlackerError] = ()


async def claim_due(
    documents: Documents, collection: str, *, now: datetime, limit: int, deadline: Deadline
) -> list[Document]:
    """Up to `limit` documents of `collection` that are due at `now`, the oldest first, each now ours for `LEASE`.

    Raises what the documents port does.
    """
    due = await documents.due(collection, deadline, before=now, limit=limit)
    if not due:
        return []
    try:
        return await _claimed(documents, due, now + LEASE, deadline)
    except WriteConflict:  # somebody else took, or finished, one of them
        ours = []
        for document in due:
            try:
                ours += await _claimed(documents, [document], now + LEASE, deadline)
            except WriteConflict:
                continue
        return ours


async def sweep(
    documents: Documents,
    collection: str,
    process: Callable[[Document], Awaitable[object]],
    *,
    now: datetime,
    limit: int,
    deadline: Deadline,
) -> BatchResult:
    """Claim what is due and `process` each, some at a time, whatever becomes of the others.

    What `process` raises of our tree is in the result; safe to run twice at once. Raises what the documents port does
    where nothing could be claimed.
    """
    taken = await claim_due(documents, collection, now=now, limit=limit, deadline=deadline)
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(document: Document) -> SlackerError | None:
        async with turns:
            try:
                await process(document)
            except SlackerError as error:
                return error
        return None

    failed = [error for error in await asyncio.gather(*map(one, taken)) if error is not None]
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
    Who receives a message sees to it that the document is no longer due, so nothing is written here. Raises as `sweep`
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
