"""Group commit: who has an item queues it and waits, and one flush commits all that wait, in one read and one write.

There is no timer. The first item starts a flush, those that come while it runs are the next group, and the flush goes
on until nothing waits. It runs as a task of its own, so that no caller's end ends the others' commit, and only while
some caller waits: the last one that gives up takes it along, since nothing may run after the last answer.
"""

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from shared.clock import Timer
from shared.deadline import Deadline
from shared.documents import MAX_WRITES, Create, Documents, Update, Write
from shared.errors import (
    Damaged,
    DeadlineExceeded,
    Invalid,
    Overloaded,
    Problem,
    SlackerError,
    Unavailable,
    WriteConflict,
)
from shared.storage.batch_fold import BatchFold

MAX_COMMIT_BYTES = 9_000_000
"""Bytes of all states in one commit: Firestore's 10 MiB per request, less room for names and framing."""

_TRIES = 6
_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1  # seconds, before a group is folded again that met a conflict

Item = TypeVar("Item")
Result = TypeVar("Result")


class Limits(msgspec.Struct, frozen=True):
    """What one instance takes on: items that wait, in flight or not, and their bytes; and items in one group."""

    items: int = 1000
    bytes: int = 32_000_000
    batch: int = 128


class GroupCommit(Generic[Item, Result]):
    """Commits items of one kind to `documents`. Belongs to the event loop of its first item."""

    def __init__(self, documents: Documents, fold: BatchFold[Item, Result], limits: Limits | None = None) -> None:
        self._documents = documents
        self._fold = fold
        self._limits = limits or Limits()
        self._queue: deque[_Entry[Item, Result]] = deque()
        self._flush: asyncio.Task[None] | None = None
        self._waiting: dict[_Entry[Item, Result], None] = {}  # whoever's caller waits, in the order they came
        self._bytes = 0
        self._timer: Timer | None = None  # for the first of their deadlines
        self._timer_at = 0.0

    async def submit(self, item: Item, size: int, deadline: Deadline) -> Result:
        """What became of `item`, once that is committed. `size` is its weight in bytes while it waits.

        Raises `Overloaded` at once where too much waits, `WriteConflict`, `DeadlineExceeded` or `Unavailable` as the
        documents port does (it may have been committed then), and what the fold or the store had against this item.
        """
        if len(self._waiting) >= self._limits.items or self._bytes + size > self._limits.bytes:
            raise Overloaded("too much is waiting to be committed")
        loop = asyncio.get_running_loop()
        entry: _Entry[Item, Result] = _Entry(item, deadline, loop.create_future())
        self._queue.append(entry)
        self._waiting[entry] = None
        self._bytes += size
        if self._timer is None or deadline.at < self._timer_at:
            self._wake_at(deadline)
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._run())
        try:
            return await entry.outcome
        finally:
            del self._waiting[entry]
            self._bytes -= size
            if not self._waiting:
                self._sleep()
                if not self._flush.done():
                    await self._abandon(self._flush)

    def _wake_at(self, deadline: Deadline) -> None:
        self._sleep()
        self._timer_at = deadline.at
        self._timer = deadline.clock.call_later(deadline.remaining(), self._expire)

    def _sleep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        """Tell those whose deadline has passed, and see to the next one's: one timer for all costs next to nothing."""
        self._timer = None
        for entry in self._waiting:
            if entry.deadline.passed():
                entry.fail(DeadlineExceeded("not committed within the deadline"))
        left = [entry.deadline for entry in self._waiting if not entry.outcome.done()]
        if left:
            self._wake_at(min(left, key=_instant))

    async def _abandon(self, flush: "asyncio.Task[None]") -> None:
        """End a flush that nobody waits for; an item that comes meanwhile starts another."""
        self._flush = None
        flush.cancel()
        await asyncio.wait({flush})

    async def _run(self) -> None:
        while self._queue:
            group = self._next_batch()
            try:
                await self._commit_or_split(group)
            finally:
                for entry in group:  # nobody waits for a flush that was ended
                    entry.fail(Unavailable("the flush was ended"))

    def _next_batch(self) -> "list[_Entry[Item, Result]]":
        """The next group, without those whose caller has gone."""
        group: list[_Entry[Item, Result]] = []
        while self._queue and len(group) < self._limits.batch:
            entry = self._queue.popleft()
            if not entry.outcome.done():
                group.append(entry)
        return group

    async def _commit_or_split(self, group: "list[_Entry[Item, Result]]") -> None:
        """Commit a group; one that cannot be is halved, until what remains is the item that is the reason."""
        group = [entry for entry in group if not entry.outcome.done()]
        if not group:
            return
        latest = max((entry.deadline for entry in group), key=_instant)
        try:
            results = await self._commit([entry.item for entry in group], latest)
        except Exception as error:  # noqa: BLE001 - whatever one item leads to, the others go on
            if isinstance(error, SlackerError) and not isinstance(error, Invalid | Damaged):
                for entry in group:  # the store's fault, no item's; an exception belongs to one caller
                    entry.fail(type(error)(*error.args))
            elif len(group) == 1:
                group[0].fail(error)
            else:
                middle = len(group) // 2
                await self._commit_or_split(group[:middle])
                await self._commit_or_split(group[middle:])
        else:
            for entry, result in zip(group, results, strict=True):
                entry.succeed(result)

    async def _commit(self, items: Sequence[Item], deadline: Deadline) -> Sequence[Result]:
        pause = _FIRST_PAUSE
        for attempt in range(_TRIES):
            if attempt:
                await deadline.sleep(random.uniform(0, pause))  # noqa: S311 - jitter
                pause = min(2 * pause, _LONGEST_PAUSE)
            keys = self._fold.keys(items)
            held = dict(zip(keys, await self._documents.read(keys, deadline), strict=True)) if keys else {}
            folded = self._fold.fold(held, items)
            _check(folded.writes)
            try:
                if folded.writes:
                    await self._documents.commit(folded.writes, deadline)
            except WriteConflict:
                continue
            return folded.results
        raise WriteConflict(f"the documents changed under {_TRIES} tries")


class _Entry(msgspec.Struct, Generic[Item, Result], eq=False):
    """One item that waits, and where its caller hears what became of it; a caller who has gone hears nothing."""

    item: Item
    deadline: Deadline
    outcome: "asyncio.Future[Result]"

    def succeed(self, result: Result) -> None:
        if not self.outcome.done():
            self.outcome.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)


def _instant(deadline: Deadline) -> float:
    return deadline.at


def _check(writes: Sequence[Write]) -> None:
    """Raise `Invalid` for what no commit takes; a single item that leads to it is at fault, a group is halved."""
    if len(writes) > MAX_WRITES:
        raise Invalid(Problem("writes", f"at most {MAX_WRITES} in one commit"))
    if sum(len(write.state) for write in writes if isinstance(write, Create | Update)) > MAX_COMMIT_BYTES:
        raise Invalid(Problem("writes", f"at most {MAX_COMMIT_BYTES} bytes in one commit"))
