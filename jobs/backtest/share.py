"""One process's share of a backtest: the clients, devices and merchants that fall to it, and what their states tell."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from jobs.backtest.features import Counted, spending
from shared.events.events import Event, FraudLabel, Transaction
from shared.privacy import Pseudonymiser
from shared.risk.features.client_view import FeatureVector
from shared.risk.features.device_values import device_values
from shared.risk.features.extract import client_values
from shared.risk.features.fold import AGGREGATES, prepare
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.risk.features.merchant_values import merchant_values
from shared.risk.features.windows import AsOf, as_of
from shared.storage.documents import Key
from shared.times import EPOCH

Part = tuple[FeatureVector, int]
"""The values of one group of features, and the bits of those that are missing."""

_JOINING = 0.05
"""What putting vectors together costs, by what folding and telling all states does: who asked has that much less."""

_IDS = 2**32  # as many as CRC-32 tells apart

_TELL: Mapping[str, Callable[[Any, FeatureInputs, AsOf], Part]] = {
    CLIENTS: client_values,
    DEVICES: device_values,
    MERCHANTS: merchant_values,
}


class Split:
    """Which process has which state, of two or more: number 0, which puts the vectors together, has a smaller share."""

    def __init__(self, processes: int) -> None:
        self._ours = int(max((1 + _JOINING) / processes - _JOINING, 0) * _IDS)
        self._theirs = -(-(_IDS - self._ours) // (processes - 1))

    def owners(self, event: Event) -> tuple[int, int, int]:
        """The processes to which an event's client, device and merchant fall; what it lacks falls to the client's."""
        client = self.owner(event.client)
        if not isinstance(event, Transaction | FraudLabel):
            return client, client, client
        device, merchant = event.device, event.merchant
        return client, self.owner(device) if device else client, self.owner(merchant) if merchant else client

    def owner(self, id_: str) -> int:
        """The process to which a client, a device or a merchant falls."""
        return max(zlib.crc32(id_.encode()) - self._ours + self._theirs, 0) // self._theirs


class _Mine(NamedTuple):
    """The collections whose states a process has of one event, their places in what it tells, and that, untold."""

    collections: frozenset[str]
    places: Mapping[str, int]
    untold: Sequence[Part]


def _mine(bits: int) -> _Mine:
    names = [name for bit, name in enumerate(_TELL) if bits >> bit & 1]
    untold = [_TELL[name](None, FeatureInputs(), as_of(EPOCH)) for name in names]
    return _Mine(frozenset(names), {name: position for position, name in enumerate(names)}, untold)


_MINE = [_mine(bits) for bits in range(2 ** len(_TELL))]
"""By the bits that stand for the collections."""


_About = tuple[Event, FeatureInputs, AsOf | None, int]
"""An event that concerns a state: event, inputs, the time if features are due, and the position of the part."""


class Share:
    """The states that fall to process `number`."""

    def __init__(self, tokens: Pseudonymiser, number: int, split: Split) -> None:
        self._tokens = tokens
        self._number = number
        self._split = split
        self._live: dict[Key, Any] = {}
        self._counted = Counted()

    def parts(self, events: Sequence[Event]) -> list[Part]:
        """The features from these states for each spending among the next `events`, in order: client, device, merchant.

        The more events at a time, the faster: one state after the other stays in the processor's cache.
        """
        parts, about = self._sorted(events)
        for key, those in about.items():
            tell, part, state = _TELL[key.collection], AGGREGATES[key.collection], self._live.get(key)
            for event, facts, when, position in those:
                if when is not None:
                    parts[position] = tell(state, facts, when)
                if state is None:
                    state = self._live[key] = part.new()
                part.fold(state, event, facts)
        return parts

    def _sorted(self, events: Sequence[Event]) -> tuple[list[Part], dict[Key, list[_About]]]:
        """The parts of the vectors of `events`, not filled in yet, and the events by the state they concern."""
        number, owners = self._number, self._split.owners
        parts: list[Part] = []
        about: dict[Key, list[_About]] = {}
        for event in events:
            client, device, merchant = owners(event)
            mine = _MINE[(client == number) | (device == number) << 1 | (merchant == number) << 2]
            if mine.collections:
                item = self._counted.once(prepare(event, self._tokens, mine.collections))
                when = as_of(event.occurred_at) if spending(event) else None
                for key in item.keys:
                    position = len(parts) + mine.places[key.collection]
                    about.setdefault(key, []).append((event, item.facts, when, position))
                if when is not None:
                    parts += mine.untold
        return parts, about
