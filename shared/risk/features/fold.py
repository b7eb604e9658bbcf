"""Which event touches which documents, and the new states of all that a group of events touches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import msgspec

from shared.events.events import BankAction, Event, FraudLabel, Transaction
from shared.privacy import Pseudonymiser
from shared.risk.features import client, device, merchant
from shared.risk.features.inputs import FeatureInputs, of_event
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.storage.codec import Codec
from shared.storage.documents import Key
from shared.windowing.outcome import Outcome

ALL = frozenset({CLIENTS, DEVICES, MERCHANTS})
"""The collections; who writes only some of them says which."""


class EventOutcome(msgspec.Struct, frozen=True):
    """An event that was not plainly folded into a document, and what became of it there."""

    event: Event
    key: Key
    outcome: Outcome


class FoldedStates(msgspec.Struct, frozen=True):
    """The states to write, those that changed, and what is to be said of single events."""

    states: dict[Key, bytes]
    remarks: list[EventOutcome]


class PreparedEvent(msgspec.Struct, frozen=True):
    """An event with what is worked out of it once: its facts, and the documents that it may change."""

    event: Event
    facts: FeatureInputs
    keys: Sequence[Key]


def prepare(event: Event, tokens: Pseudonymiser, collections: frozenset[str] = ALL) -> PreparedEvent:
    """What is known of `event` to one who writes `collections`."""
    facts = of_event(event, tokens)
    return PreparedEvent(event, facts, _touched(event, facts, collections))


def touched(event: Event, tokens: Pseudonymiser, collections: frozenset[str] = ALL) -> list[Key]:
    """The documents that `event` may change."""
    return _touched(event, of_event(event, tokens), collections)


def fold(
    states: Mapping[Key, bytes | None],
    events: Iterable[Event],
    tokens: Pseudonymiser,
    collections: frozenset[str] = ALL,
) -> FoldedStates:
    """Fold `events` into the documents they touch, whose present states are in `states` (absent or `None`: none yet).

    The order of events matters only as far as `docs/features.md` says. Raises `Damaged` for a state that is none.
    """
    return fold_batch(states, [prepare(event, tokens, collections) for event in events])


def fold_batch(states: Mapping[Key, bytes | None], events: Iterable[PreparedEvent]) -> FoldedStates:
    """The same for events of which that is known already."""
    live: dict[Key, msgspec.Struct] = {}
    changed: dict[Key, None] = {}
    remarks: list[EventOutcome] = []
    for item in events:
        for key, outcome in fold_into(live, item, states):
            if outcome is Outcome.FOLDED or outcome is Outcome.WAITING:
                changed[key] = None
            if outcome is not Outcome.FOLDED:
                remarks.append(EventOutcome(item.event, key, outcome))
    return FoldedStates({key: AGGREGATES[key.collection].CODEC.encode(live[key]) for key in changed}, remarks)


def fold_into(
    live: dict[Key, msgspec.Struct], item: PreparedEvent, states: Mapping[Key, bytes | None] = MappingProxyType({})
) -> Iterator[tuple[Key, Outcome]]:
    """Fold one event into the states in `live`, as it is iterated; those not there come from `states`, or begin."""
    for key in item.keys:
        part = AGGREGATES[key.collection]
        state = live.get(key)
        if state is None:
            present = states.get(key)
            state = live[key] = part.new() if present is None else part.CODEC.decode_state(present)
        yield key, part.fold(state, item.event, item.facts)


class Aggregate(Protocol):
    """What the modules `client`, `device` and `merchant` have in common."""

    CODEC: Codec[msgspec.Struct]

    def new(self) -> msgspec.Struct:
        """The state of one of whom nothing happened yet."""
        ...

    def fold(self, state: msgspec.Struct, event: Event, facts: FeatureInputs) -> Outcome:
        """Fold one event into `state`, in place."""
        ...


AGGREGATES: Mapping[str, Aggregate] = {CLIENTS: client, DEVICES: device, MERCHANTS: merchant}  # type: ignore[dict-item] # each folds its own
"""By collection."""


def _touched(event: Event, facts: FeatureInputs, collections: frozenset[str]) -> list[Key]:
    keys: list[Key] = []
    if facts.client and CLIENTS in collections and not isinstance(event, FraudLabel | BankAction):
        keys.append(Key(CLIENTS, facts.client))
    if isinstance(event, Transaction | FraudLabel):
        if facts.device and DEVICES in collections:
            keys.append(Key(DEVICES, facts.device))
        if facts.merchant and MERCHANTS in collections:
            keys.append(Key(MERCHANTS, facts.merchant))
    return keys
