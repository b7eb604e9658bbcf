"""What a group of events changes in the store: features, and beside them the watermark, waiting reversals, ids seen.

Each class is the fold of one event function (`BatchFold` of `shared.storage.batch_fold`); a result is what is to be
said of an event.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shared.clock import Clock
from shared.errors import Damaged
from shared.events.events import Kind, Transaction
from shared.risk.features import deduplication, pending_reversals, watermark
from shared.risk.features.fold import EventOutcome, PreparedEvent, fold_batch
from shared.risk.features.keys import CLIENTS, WATERMARK
from shared.storage.batch_fold import FoldResult
from shared.storage.documents import Delete, Document, Key, Write, put
from shared.windowing.outcome import Outcome

DocumentsRead = Mapping[Key, Document | None]
Remarks = tuple[EventOutcome, ...]

_WATERMARK_PAUSE = 1.0  # seconds between two looks at the watermark: the whole bank shares that document


class ClientDeviceFold:
    """Folds events into clients and devices.

    The watermark is the time of the newest transaction folded, never ahead of `clock` unless history is replayed.
    """

    def __init__(self, clock: Clock, *, replay: bool) -> None:
        self._clock = clock
        self._replay = replay
        self._look_at = float("-inf")

    def keys(self, items: Sequence[PreparedEvent]) -> list[Key]:
        """The features' documents, the records of reversals, and the watermark when it is time to look at it."""
        keys = [key for item in items for key in item.keys]
        keys += [key for item in items if (key := _record(item)) is not None]
        instant = self._clock.monotonic()
        if instant >= self._look_at:
            # From here on, not from its commit: a group that met a conflict is folded again without the watermark.
            self._look_at = instant + (0.0 if self._replay else _WATERMARK_PAUSE)  # history may pass an hour a second
            keys.append(WATERMARK)
        return list(dict.fromkeys(keys))

    def fold(self, documents: DocumentsRead, items: Sequence[PreparedEvent]) -> FoldResult[Remarks]:
        """See `shared.storage.batch_fold.BatchFold`. Raises `Damaged` for a state that is none."""
        folded = fold_batch(_states(documents), items)
        writes: dict[Key, Write] = {key: put(documents[key], key, state) for key, state in folded.states.items()}
        self._pending_reversals(writes, documents, items, folded.remarks)
        if WATERMARK in documents:
            self._advance(writes, documents[WATERMARK], items)
        return FoldResult(tuple(writes.values()), _by_item(items, folded.remarks))

    def _pending_reversals(
        self,
        writes: dict[Key, Write],
        documents: DocumentsRead,
        items: Sequence[PreparedEvent],
        remarks: Iterable[EventOutcome],
    ) -> None:
        """Records of reversals whose events are not there yet; none of those whose events have come now."""
        facts = {id(item.event): item.facts for item in items}
        for remark in remarks:
            event = remark.event
            if not isinstance(event, Transaction) or remark.key.collection != CLIENTS:
                continue
            if remark.outcome is Outcome.WAITING and event.reverses:
                key, now = pending_reversals.key(facts[id(event)], event.reverses), self._clock.now()
                writes[key] = pending_reversals.CODEC.put(
                    documents.get(key),
                    key,
                    pending_reversals.record(event),
                    due_at=now + pending_reversals.REPORT_AFTER,
                    expires_at=now + pending_reversals.RETENTION,
                )
            elif remark.outcome is Outcome.REVERSED:
                key = pending_reversals.key(facts[id(event)], event.event_id)
                writes[key] = Delete(key)

    def _advance(self, writes: dict[Key, Write], document: Document | None, items: Sequence[PreparedEvent]) -> None:
        times = [item.event.occurred_at for item in items if isinstance(item.event, Transaction)]
        if not times:
            return
        newest = max(times) if self._replay else min(max(times), self._clock.now())
        if document is None or newest > _watermark(document, newest):
            writes[WATERMARK] = watermark.CODEC.put(document, WATERMARK, newest)


class MerchantFold:
    """Folds events into merchants, each once: what was seen before is told by `shared.risk.features.deduplication`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def keys(self, items: Sequence[PreparedEvent]) -> list[Key]:
        """The merchants' documents, and those with the events seen."""
        keys = [key for item in items for key in item.keys]
        digests = (deduplication.digest_key(item.event) for item in items if item.keys)
        keys += [key_and_digest[0] for key_and_digest in digests if key_and_digest is not None]
        return list(dict.fromkeys(keys))

    def fold(self, documents: DocumentsRead, items: Sequence[PreparedEvent]) -> FoldResult[Remarks]:
        """See `shared.storage.batch_fold.BatchFold`. Raises `Damaged` for a state that is none."""
        digests: dict[Key, set[int]] = {}
        before: dict[Key, int] = {}
        fresh: list[PreparedEvent] = []
        again: list[EventOutcome] = []
        for item in items:
            key_and_digest = deduplication.digest_key(item.event)
            if item.keys and key_and_digest is not None:
                key, digest = key_and_digest
                if key not in digests:
                    document = documents[key]
                    digests[key] = deduplication.CODEC.decode(document) if document is not None else set()
                    before[key] = len(digests[key])
                if digest in digests[key]:
                    again.append(EventOutcome(item.event, item.keys[0], Outcome.DUPLICATE))
                    continue
                digests[key].add(digest)
            fresh.append(item)
        folded = fold_batch(_states(documents), fresh)
        writes = [put(documents[key], key, state) for key, state in folded.states.items()]
        writes += [
            self._digests(documents[key], key, after) for key, after in digests.items() if len(after) > before[key]
        ]
        return FoldResult(writes, _by_item(items, [*folded.remarks, *again]))

    def _digests(self, document: Document | None, key: Key, digests: set[int]) -> Write:
        return deduplication.CODEC.put(document, key, digests, expires_at=self._clock.now() + deduplication.RETENTION)


def _states(documents: DocumentsRead) -> dict[Key, bytes | None]:
    return {key: document.state if document is not None else None for key, document in documents.items()}


def _record(item: PreparedEvent) -> Key | None:
    event = item.event
    if isinstance(event, Transaction) and event.kind is Kind.REVERSAL and event.reverses:
        return pending_reversals.key(item.facts, event.reverses)
    return None


def _watermark(document: Document, otherwise: datetime) -> datetime:
    """The time in the watermark's document; one that cannot be read is older than any event."""
    try:
        return watermark.CODEC.decode(document)
    except Damaged:
        return datetime.min.replace(tzinfo=otherwise.tzinfo)


def _by_item(items: Sequence[PreparedEvent], remarks: Iterable[EventOutcome]) -> list[Remarks]:
    """What is to be said of each item, most often nothing."""
    said: dict[int, Remarks] = {}
    for remark in remarks:
        said[id(remark.event)] = (*said.get(id(remark.event), ()), remark)
    return [said.get(id(item.event), ()) for item in items]
