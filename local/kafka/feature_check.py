"""Checks that the stored features hold each event once: compared with a fold of the same events in order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.composition.ports import Ports
from shared.deadline import Deadline
from shared.events.events import Event, order
from shared.risk.features import client, deduplication
from shared.risk.features.fold import fold
from shared.risk.features.keys import CLIENTS, DEVICES

_WITHIN = 60.0
_MAX_DOCUMENTS = 100_000


@dataclass(frozen=True, slots=True)
class FeatureContents:
    """What the features hold: `counted` is how many events that moved money are in clients' states, `merchants` how
    many purchases merchants have added up, `states` every state of a client or a device.
    """

    counted: int
    merchants: int
    states: Mapping[str, bytes]


async def stored_features(store: Ports) -> FeatureContents:
    """What the store's features hold now."""
    documents = store.documents
    states: dict[str, bytes] = {}
    for collection in (CLIENTS, DEVICES):
        for document in await documents.scan(collection, Deadline.after(_WITHIN), limit=_MAX_DOCUMENTS):
            states[f"{collection}/{document.key.id}"] = document.state
    minutes = await documents.scan(deduplication.CODEC.collection.name, Deadline.after(_WITHIN), limit=_MAX_DOCUMENTS)
    return FeatureContents(_counted(states), sum(len(deduplication.CODEC.decode(minute)) for minute in minutes), states)


async def expected_features(store: Ports, events: Sequence[Event]) -> FeatureContents:
    """The features had each of these events come once and in order; `merchants` is 0."""
    tokens = await store.tokens(Deadline.after(_WITHIN))
    in_order: list[Event] = sorted(events, key=order)
    states = fold({}, in_order, tokens, frozenset({CLIENTS, DEVICES})).states
    named = {f"{key.collection}/{key.id}": state for key, state in states.items()}
    return FeatureContents(_counted(named), 0, named)


def _counted(states: Mapping[str, bytes]) -> int:
    return sum(_rows(state) for name, state in states.items() if name.startswith(f"{CLIENTS}/"))


def _rows(state: bytes) -> int:
    client_state = client.CODEC.decode_state(state)
    return len(client_state.spent) + len(client_state.money)


def differing(first: FeatureContents, second: FeatureContents) -> Iterable[str]:
    """The names of states that are not the same in both."""
    names = {*first.states, *second.states}
    return sorted(name for name in names if first.states.get(name) != second.states.get(name))
