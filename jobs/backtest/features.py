"""The features of a backtest: what each spending would have been decided on, from its events alone, in their order.

Events stream through states in memory by the code of the event path, so offline equals online: a vector is the one that
a question at the event's time gets once everything before it is featured. `attempts.*` and the lag are missing: no past
event tells them.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeGuard

from shared.events.events import Direction, Event, Kind, Transaction
from shared.privacy import Pseudonymiser
from shared.risk.features import deduplication
from shared.risk.features.client import SPENDING
from shared.risk.features.client_view import FeatureVector
from shared.risk.features.extract import LiveStates, extract_live
from shared.risk.features.fold import PreparedEvent, fold_into, prepare
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.storage.documents import Key


class Row(NamedTuple):
    """A spending with the features of the moment before it; bit i of `missing` is set where value i is `None`."""

    event: Transaction
    values: FeatureVector
    missing: int


class Counted:
    """What merchants have counted already, which their states do not tell. An event comes once in a backtest; but two
    reversals of one event, or two labels, are two events.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[Key, int]] = set()

    def once(self, item: PreparedEvent) -> PreparedEvent:
        """`item` without its merchant, if that has counted the event already; else it counts it now."""
        event = item.event
        if isinstance(event, Transaction) and event.kind is not Kind.REVERSAL:
            return item
        others = [key for key in item.keys if key.collection != MERCHANTS]
        digest = deduplication.digest_key(event)
        if digest is None or len(others) == len(item.keys):
            return item
        if digest in self._seen:
            return PreparedEvent(event, item.facts, others)
        self._seen.add(digest)
        return item


class Offline:
    """The states of all clients, devices and merchants, in memory: some 10 kB for each client."""

    def __init__(self, tokens: Pseudonymiser) -> None:
        self._tokens = tokens
        self._live: dict[Key, Any] = {}
        self._counted = Counted()

    def rows(self, events: Iterable[Event]) -> Iterator[Row]:
        """A row for each spending among `events`, which come in their order; other events are only folded."""
        for event in events:
            item = prepare(event, self._tokens)
            if spending(event):
                yield Row(event, *extract_live(item.facts, event.occurred_at, self._states(item.facts)))
            for _ in fold_into(self._live, self._counted.once(item)):
                pass

    def _states(self, facts: FeatureInputs) -> LiveStates:
        return LiveStates(
            self._live.get(Key(CLIENTS, facts.client)) if facts.client else None,
            self._live.get(Key(DEVICES, facts.device)) if facts.device else None,
            self._live.get(Key(MERCHANTS, facts.merchant)) if facts.merchant else None,
        )


def spending(event: Event) -> TypeGuard[Transaction]:
    """Whether `event` is one that would have been asked about."""
    return isinstance(event, Transaction) and event.kind in SPENDING and event.direction is Direction.DEBIT
