"""The state of a device: the tail of its uses and of the frauds confirmed on it."""

from typing import Any

import msgspec

from shared.events.events import Event, FraudLabel, Kind, Transaction
from shared.features.client import SPENDING
from shared.features.codes import identity, ref
from shared.features.facts import Facts
from shared.features.keys import DEVICES, FORMAT
from shared.privacy import DataClass
from shared.storage.codec import msgpack_codec
from shared.storage.collection import Collection
from shared.times import MINUTE, microseconds
from shared.windowing.buckets import Buckets
from shared.windowing.columns import Layout
from shared.windowing.outcome import Outcome
from shared.windowing.recent_events import KEEP, Tail, empty, insert, reverse

MAX_BYTES = 16_000
"""No device's state is larger, whatever is done with it."""

USED = Layout(("q", "Q", "I"), 128)
TIME, ID, CLIENT = range(3)
FRAUDS = Layout(("q", "Q"), 32)
"""A fraud's time is that of its confirmation, its id that of the transaction: labelled twice, it is one fraud."""


class DeviceState(msgspec.Struct, array_like=True, tag_field="format", tag=FORMAT):
    """`since` is the first use that the tail let go, `overflow` counts those it let go for its cap."""

    used: Tail
    frauds: Tail
    since: int = 0
    overflow: Buckets = msgspec.field(default_factory=Buckets)


CODEC = msgpack_codec(
    Collection(
        DEVICES,
        "{device token}",
        "risk_features",
        DataClass.PSEUDONYMOUS,
        "until deleted",
        "the state that a device's features are computed from",
    ),
    DeviceState,
    "a device's features",
)


def new() -> DeviceState:
    """The state of a device never used."""
    return DeviceState(empty(USED), empty(FRAUDS))


def fold(state: DeviceState, event: Event, facts: Facts) -> Outcome:
    """Fold one event of this device into `state`, in place."""
    time = microseconds(event.occurred_at)
    if isinstance(event, FraudLabel):
        return insert(state.frauds, FRAUDS, (time, identity(event.labels)))[0]
    if not isinstance(event, Transaction):
        return Outcome.IGNORED
    if event.kind is Kind.REVERSAL and event.reverses:
        at = microseconds(event.reverses_at) if event.reverses_at else None
        return reverse(state.used, USED, identity(event.reverses), at, time)
    if event.kind not in SPENDING or not facts.debit:
        return Outcome.IGNORED
    outcome, gone = insert(state.used, USED, (time, identity(event.event_id), ref(facts.client)))
    for row in gone:
        _remember(state, row)
    return outcome


def _remember(state: DeviceState, row: tuple[Any, ...]) -> None:
    state.since = state.since or row[TIME]
    if row[TIME] >= state.used.newest() - KEEP:
        state.overflow.add(row[TIME] // MINUTE, None)
    elif state.overflow.starts:
        state.overflow = Buckets()
