"""Taking what is due, so that of several who look at once each document goes to one: its `due_at` is moved on under
compare-and-set, and comes round again should whoever took it be gone by then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from shared.deadline import Deadline
from shared.documents import Document, Documents, reschedule
from shared.errors import SlackerError, WriteConflict

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


async def process_each(taken: Sequence[Document], process: Callable[[Document], Awaitable[object]]) -> BatchResult:
    """Process every document that was `taken`, some at a time, whatever becomes of the others; the errors of our tree
    are in the result.
    """
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


async def _claimed(
    documents: Documents, due: Sequence[Document], until: datetime, deadline: Deadline
) -> list[Document]:
    writes = [reschedule(document, until, document.expires_at) for document in due]
    written = await documents.commit(writes, deadline)
    return [replace(document, version=new.version, due_at=until) for document, new in zip(due, written, strict=True)]
