"""Keeps the features up to date until events flow by themselves: folds what happened and commits it, watermark and all.

It writes as the event path does (read with versions, fold, commit by compare-and-set), through the same pure fold, so
that a decision cannot tell the difference.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from shared.deadline import Deadline
from shared.documents import MAX_WRITES, Create, Document, Documents, Key, Update, Write
from shared.errors import WriteConflict
from shared.events import Event
from shared.features import watermark
from shared.features.fold import fold, touched
from shared.features.keys import WATERMARK
from shared.privacy import Tokens

_WITHIN = 30.0  # seconds for one commit: nobody waits at a till for it
_TRIES = 5


class Feeder:
    """Folds events into the features of a documents store; `folded` counts them."""

    def __init__(self, documents: Documents, tokens: Tokens) -> None:
        self._documents = documents
        self._tokens = tokens
        self.folded = 0

    async def feed(self, events: Sequence[Event], up_to: datetime | None = None) -> None:
        """Fold `events` (in order) and, if given, say that the features are complete up to that time.

        Up to 499 documents change in one commit; more are committed in turn, the watermark last. Raises `WriteConflict`
        when others keep writing the same documents.
        """
        for _ in range(_TRIES):
            try:
                await self._feed(events, up_to)
            except WriteConflict:
                continue
            self.folded += len(events)
            return
        raise WriteConflict(f"the features changed under {_TRIES} tries")

    async def _feed(self, events: Sequence[Event], up_to: datetime | None) -> None:
        keys = list(dict.fromkeys(key for event in events for key in touched(event, self._tokens)))
        held = await self._read([*keys, WATERMARK])
        states = {key: document.state if (document := held[key]) else None for key in keys}
        changed = fold(states, events, self._tokens).states
        writes = [_write(key, state, held[key]) for key, state in changed.items()]
        if up_to is not None:
            writes.append(_write(WATERMARK, watermark.encode(up_to), held[WATERMARK]))
        remaining = iter(writes)
        while batch := list(islice(remaining, MAX_WRITES)):
            await self._documents.commit(batch, Deadline.after(_WITHIN))

    async def _read(self, keys: Sequence[Key]) -> dict[Key, Document | None]:
        held: dict[Key, Document | None] = {}
        for start in range(0, len(keys), MAX_WRITES):
            batch = keys[start : start + MAX_WRITES]
            held.update(zip(batch, await self._documents.read(batch, Deadline.after(_WITHIN)), strict=True))
        return held


def _write(key: Key, state: bytes, held: Document | None) -> Write:
    return Create(key, state) if held is None else Update(key, held.version, state)
