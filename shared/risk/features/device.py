"""The state of a device: its recent uses and the frauds confirmed on it."""

import msgspec

from shared.events.events import Event, FraudLabel, Kind, Transaction
from shared.ids import event_digest
from shared.privacy import DataClass
from shared.risk.features.buckets import EventBuckets
from shared.risk.features.client import SPENDING
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.keys import DEVICES, FORMAT
from shared.risk.features.packing import ref
from shared.risk.features.windows import RETENTION
from shared.storage.codec import msgpack_codec
from shared.storage.collection import Collection
from shared.times import MINUTE, microseconds
from shared.windowing.columns import Layout
from shared.windowing.outcome import Outcome
from shared.windowing.recent_events import RecentEvents, Row

MAX_BYTES = 16_000
"""No device's state is larger, whatever is done with it."""

TIME, ID, CLIENT = range(3)
"""The columns of uses."""


class RecentUses(RecentEvents):
    """Spendings with the device, by time, id and client."""

    layout, cap, retention = Layout("q", "Q", "I"), 128, RETENTION


class RecentFrauds(RecentEvents):
    """Confirmed frauds, by the time of the confirmation and the transaction's id: labelled twice, it is one fraud."""

    layout, cap, retention = Layout("q", "Q"), 32, RETENTION


class DeviceState(msgspec.Struct, array_like=True, tag_field="format", tag=FORMAT):
    """`since` is the first use that was evicted, `overflow` counts those that were evicted for the cap."""

    used: RecentUses
    frauds: RecentFrauds
    since: int = 0
    overflow: EventBuckets = msgspec.field(default_factory=EventBuckets)


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
    return DeviceState(RecentUses.empty(), RecentFrauds.empty())


def fold(state: DeviceState, event: Event, facts: FeatureInputs) -> Outcome:
    """Fold one event of this device into `state`, in place."""
    time = microseconds(event.occurred_at)
    if isinstance(event, FraudLabel):
        return state.frauds.insert((time, event_digest(event.labels)))[0]
    if not isinstance(event, Transaction):
        return Outcome.IGNORED
    if event.kind is Kind.REVERSAL and event.reverses:
        at = microseconds(event.reverses_at) if event.reverses_at else None
        return state.used.reverse(event_digest(event.reverses), at, time)
    if event.kind not in SPENDING or not facts.debit:
        return Outcome.IGNORED
    outcome, evicted = state.used.insert((time, event_digest(event.event_id), ref(facts.client)))
    for row in evicted:
        _aggregate_evicted(state, row)
    return outcome


def _aggregate_evicted(state: DeviceState, row: Row) -> None:
    """Fold a use that is evicted into what is remembered from before the recent ones."""
    state.since = state.since or row[TIME]
    if row[TIME] >= state.used.newest() - RETENTION:
        state.overflow.add_event(row[TIME] // MINUTE, None)
    elif state.overflow.starts:
        state.overflow = EventBuckets()
