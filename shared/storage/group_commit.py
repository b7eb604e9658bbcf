"""Group commit: callers queue items and wait, and one flush commits all queued items in one read and one write.

There is no timer. The first item starts a flush; items that come while it runs are the next batch, until none is left.
The flush is a task of its own, so that a cancelled caller does not cancel the commit of others. It is cancelled when
its last caller gives up, since a function may run nothing after its last response.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from shared.clock import Timer
from shared.deadline import Deadline
from shared.errors import (
    Damaged,
    DeadlineExceeded,
    Invalid,
    Overloaded,
    Problem,
    SlackerError,
    Unavailable,
)
from shared.storage.batch_commit import BatchCommit, ItemFault
from shared.storage.batch_fold import BatchFold, Needs
from shared.storage.documents import Documents, Key

MAX_ROUNDS = 3
"""How often an item may need more documents."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Limits(msgspec.Struct, frozen=True):
    """The limits of one instance: items that wait, in flight or not, their bytes, and the items of one batch."""

    items: int = 1000
    bytes: int = 32_000_000
    batch: int = 128


class GroupCommit(Generic[Item, Result]):
    """Commits items of one kind to `documents`. Belongs to the event loop of its first item."""

    def __init__(
        self, documents: Documents, fold: BatchFold[Item, Result | Needs], limits: Limits | None = None
    ) -> None:
        self._batches: BatchCommit[Item, Result] = BatchCommit(documents, fold)
        self._limits = limits or Limits()
        self._queue: deque[_Entry[Item, Result]] = deque()
        self._flush: asyncio.Task[None] | None = None
        self._waiting: dict[_Entry[Item, Result], None] = {}  # entries whose caller waits, in order of arrival
        self._bytes = 0
        self._timer: Timer | None = None  # for the first of their deadlines
        self._timer_at = 0.0

    async def submit(self, item: Item, size: int, deadline: Deadline) -> Result:
        """The result of `item`, once it is committed. `size` is its share of the limit in bytes while it waits.

        Raises `Overloaded` at once where too much waits, `WriteConflict`, `DeadlineExceeded` or `Unavailable` as the
        documents port does (it may have been committed then), and the error of the fold or the store for this item.
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
        """Fail the entries whose deadline has passed, and set the timer for the next: one timer serves all entries."""
        self._timer = None
        for entry in self._waiting:
            if entry.deadline.passed():
                entry.fail(DeadlineExceeded("not committed within the deadline"))
        left = [entry.deadline for entry in self._waiting if not entry.outcome.done()]
        if left:
            self._wake_at(min(left, key=_instant))

    async def _abandon(self, flush: "asyncio.Task[None]") -> None:
        """Cancel a flush that nobody waits for; an item that comes meanwhile starts another."""
        self._flush = None
        flush.cancel()
        await asyncio.wait({flush})

    async def _run(self) -> None:
        while self._queue:
            batch = self._next_batch()
            try:
                await self._commit_or_split(batch, {})
            except BaseException:
                for entry in batch:  # a cancelled flush has no callers, another failure ends their wait
                    entry.fail(Unavailable("the flush was ended"))
                raise

    def _next_batch(self) -> "list[_Entry[Item, Result]]":
        """The next batch, without those whose caller has gone."""
        batch: list[_Entry[Item, Result]] = []
        while self._queue and len(batch) < self._limits.batch:
            entry = self._queue.popleft()
            if not entry.outcome.done():
                batch.append(entry)
        return batch

    async def _commit_or_split(self, batch: "list[_Entry[Item, Result]]", created: dict[Key, None]) -> None:
        """Commit a batch; one that fails because of an item is halved until that item is alone.

        `created` are the documents that conflicts of the whole batch may be due to (see `BatchCommit.commit`).
        """
        batch = [entry for entry in batch if not entry.outcome.done()]
        if not batch:
            return
        latest = max((entry.deadline for entry in batch), key=_instant)
        needed = [key for entry in batch if entry.needs for key in entry.needs]
        try:
            results = await self._batches.commit([entry.item for entry in batch], needed, created, latest)
        except Exception as error:  # noqa: BLE001 - whatever one item leads to, the others go on
            if isinstance(error, SlackerError) and not isinstance(error, Invalid | Damaged):
                for entry in batch:  # the store's fault, no item's; an exception belongs to one caller
                    entry.fail(type(error)(*error.args))
            elif len(batch) == 1:
                batch[0].fail(error.error if isinstance(error, ItemFault) else error)
            else:
                middle = len(batch) // 2
                await self._commit_or_split(batch[:middle], created)
                await self._commit_or_split(batch[middle:], created)
        else:
            again: list[_Entry[Item, Result]] = []
            for entry, result in zip(batch, results, strict=True):
                if not isinstance(result, Needs):
                    entry.succeed(result)
                elif entry.needs_more(result.keys):
                    again.append(entry)
            self._queue.extendleft(reversed(again))  # first in the next batch


class _Entry(msgspec.Struct, Generic[Item, Result], eq=False):
    """One item that waits, and the future of its caller; nothing is set once that is done."""

    item: Item
    deadline: Deadline
    outcome: "asyncio.Future[Result]"
    needs: Sequence[Key] = ()
    rounds: int = 0

    def succeed(self, result: Result) -> None:
        if not self.outcome.done():
            self.outcome.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)

    def needs_more(self, keys: Sequence[Key]) -> bool:
        """Note the keys that the item needs; false, and the item fails, after too many rounds."""
        if self.rounds == MAX_ROUNDS:
            self.fail(Invalid(Problem("needs", f"documents in at most {MAX_ROUNDS} rounds")))
            return False
        self.needs, self.rounds = (*self.needs, *keys), self.rounds + 1
        return True


def _instant(deadline: Deadline) -> float:
    return deadline.at
