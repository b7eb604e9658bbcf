"""Taking what is due, so that of several who look at once each document goes to one: its `due_at` is moved on under
compare-and-set, and comes round again should whoever took it be gone by then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from shared.deadline import Deadline
from shared.documents import Document, Documents, Update
from shared.errors import SlackerError, WriteConflict

HOLD = timedelta(minutes=1)
"""How long a taken document is left to whoever took it."""


_AT_ONCE = 16  # documents on their way


class Done(NamedTuple):
    """How much was taken that was due, how much of it was done, and what went wrong with the rest, which comes round
    again.
    """

    found: int
    done: int
    failed: Sequence[SlackerError] = ()


async def claim_due(
    documents: Documents, collection: str, *, now: datetime, limit: int, deadline: Deadline
) -> list[Document]:
    """Up to `limit` documents of `collection` that are due at `now`, the oldest first, each now ours for `HOLD`.

    Raises what the documents port does.
    """
    found = await documents.due(collection, deadline, before=now, limit=limit)
    if not found:
        return []
    try:
        return await _taken(documents, found, now + HOLD, deadline)
    except WriteConflict:  # somebody else took, or finished, one of them
        ours = []
        for each in found:
            try:
                ours += await _taken(documents, [each], now + HOLD, deadline)
            except WriteConflict:
                continue
        return ours


async def each_done(taken: Sequence[Document], do: Callable[[Document], Awaitable[object]]) -> Done:
    """Do every one of what was `taken`, some at a time, whatever becomes of the others; errors of our tree are told."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(document: Document) -> SlackerError | None:
        async with turns:
            try:
                await do(document)
            except SlackerError as error:
                return error
        return None

    failed = [error for error in await asyncio.gather(*map(one, taken)) if error is not None]
    return Done(len(taken), len(taken) - len(failed), failed)


async def _taken(
    documents: Documents, found: Sequence[Document], until: datetime, deadline: Deadline
) -> list[Document]:
    writes = [Update(each.key, each.version, each.state, until, each.expires_at) for each in found]
    written = await documents.commit(writes, deadline)
    return [replace(each, version=new.version, due_at=until) for each, new in zip(found, written, strict=True)]
