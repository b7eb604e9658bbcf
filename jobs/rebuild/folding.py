"""The second half of a rebuild: each partition is folded into what the documents hold, by the code of the event path.

Every commit is compare-and-set, and every event is told from one counted before, be it by live traffic or by an
earlier try: so a rebuild can run beside live traffic, and any part of it can be done again.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jobs.rebuild.partitions import Partitions, partition
from jobs.rebuild.retry import tries
from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Permanent, Transient
from shared.privacy import Pseudonymiser
from shared.risk.features.batch_folds import ClientDeviceFold, MerchantFold, Remarks
from shared.risk.features.fold import PreparedEvent, prepare
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS, WATERMARK
from shared.storage.batch_fold import FoldResult
from shared.storage.documents import Document, Documents, Key
from shared.storage.group_commit import GroupCommit, Limits
from shared.windowing.outcome import Outcome

Item = TypeVar("Item")

_WITHIN = 60.0  # seconds for what waits together to be committed
_AT_ONCE = 2000
_HISTORIES = Limits(items=_AT_ONCE, bytes=2**62, batch=100)  # 100 clients' states are 4 MB
_EVENTS = Limits(items=_AT_ONCE, bytes=2**62, batch=240)  # each changes a merchant and a minute: 480 writes


@dataclass(frozen=True, slots=True)
class History:
    """All that a partition tells about one document, in order."""

    events: Sequence[PreparedEvent]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Counts of a partition: outcomes of events not simply folded, and documents that could not be written."""

    events: int
    remarks: Counter[Outcome]
    failed: Counter[str]


class Histories:
    """The work of `risk_features` on whole histories (`shared.storage.batch_fold.BatchFold`)."""

    def __init__(self, clock: Clock) -> None:
        self._work = ClientDeviceFold(clock, replay=False)

    def keys(self, items: Sequence[History]) -> list[Key]:
        """The documents; never the watermark, for features are not complete before the last partition."""
        return [key for key in self._work.keys(_events(items)) if key != WATERMARK]

    def fold(self, documents: Mapping[Key, Document | None], items: Sequence[History]) -> FoldResult[Remarks]:
        """See the port."""
        folded = self._work.fold(documents, _events(items))
        results = iter(folded.results)
        return FoldResult(
            folded.writes, [tuple(remark for _ in item.events for remark in next(results)) for item in items]
        )


class Folding:
    """Folds partitions into `documents`."""

    def __init__(self, documents: Documents, tokens: Pseudonymiser, clock: Clock) -> None:
        self._tokens = tokens
        self._histories = GroupCommit(documents, Histories(clock), _HISTORIES)
        self._merchants = GroupCommit(documents, MerchantFold(clock), _EVENTS)

    async def fold(self, partitions: Partitions, name: str, shards: int) -> Outcomes:
        """Fold one partition. Raises `Transient` when the store stays away."""
        events = sorted(partitions.read(name), key=lambda event: (event.occurred_at, event.event_id))
        if name.startswith(MERCHANTS.removeprefix("features_")):
            collections = frozenset({MERCHANTS})
            items = [item for event in events if (item := prepare(event, self._tokens, collections)).keys]
            return await _settled(self._merchants, items, len(items))
        by_key: dict[Key, list[PreparedEvent]] = {}
        for event in events:
            about = prepare(event, self._tokens, frozenset({CLIENTS, DEVICES}))
            for key in about.keys:
                if partition(key, event, shards) == name:
                    by_key.setdefault(key, []).append(PreparedEvent(event, about.facts, (key,)))
        histories = [History(history) for history in by_key.values()]
        return await _settled(self._histories, histories, sum(len(history) for history in by_key.values()))


async def _settled(commit: GroupCommit[Item, Remarks], items: Sequence[Item], events: int) -> Outcomes:
    """Commit all of `items`, a bounded number at once; retries those that failed with `Transient`."""
    outcomes = Outcomes(events, Counter(), Counter())
    for start in range(0, len(items), _AT_ONCE):
        left: Sequence[Item] = items[start : start + _AT_ONCE]
        async for last in tries():
            left, error = await _once(commit, left, outcomes)
            if error is None:
                break
            if last:
                raise error
    return outcomes


async def _once(
    commit: GroupCommit[Item, Remarks], items: Sequence[Item], outcomes: Outcomes
) -> tuple[list[Item], Transient | None]:
    """Commit each item once; the items to be retried, and the last `Transient` error."""
    deadline = Deadline.after(_WITHIN)
    results = await asyncio.gather(*(commit.submit(item, 0, deadline) for item in items), return_exceptions=True)
    again: list[Item] = []
    cause: Transient | None = None
    for item, result in zip(items, results, strict=True):
        if isinstance(result, Transient):
            again.append(item)
            cause = result
        elif isinstance(result, Permanent):
            outcomes.failed[str(result)] += 1
        elif isinstance(result, BaseException):
            raise result
        else:
            outcomes.remarks.update(remark.outcome for remark in result)
    return again, cause


def _events(items: Sequence[History]) -> list[PreparedEvent]:
    return [event for item in items for event in item.events]
