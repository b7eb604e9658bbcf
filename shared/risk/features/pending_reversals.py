"""A reversal that waits for what it reverses: remembered, with the time at which somebody should ask where that is.

The features need no such record: a client's state remembers the reversal, and does not take the event when it comes.
The record is for people. It goes when the event comes, and what is due is reported by scheduled work.
"""

from datetime import datetime, timedelta

import msgspec

from shared.events.events import Transaction
from shared.ids import event_digest
from shared.privacy import DataClass
from shared.risk.features.inputs import FeatureInputs
from shared.storage.codec import json_codec
from shared.storage.collection import ByPrefix, Collection
from shared.storage.documents import Key

REPORT_AFTER = timedelta(days=3)
"""How long the reversed event may take before its absence is reported: late events come within two days."""

RETENTION = timedelta(days=30)
"""How long a record is kept after its reversal came."""


class WaitingReversal(msgspec.Struct, frozen=True):
    """What is told of a reversal that waits: ids of events, and when it says that it happened."""

    event_id: str
    reverses: str
    occurred_at: datetime


CODEC = json_codec(
    Collection(
        "waiting_reversals",
        "{client token}.{digest of the event's id}",
        "risk_features",
        DataClass.PSEUDONYMOUS,
        RETENTION,
        "a reversal whose event has not come, and when to ask where that is",
        (ByPrefix("{client}."),),
    ),
    WaitingReversal,
    "a waiting reversal",
)


def key(facts: FeatureInputs, event_id: str) -> Key:
    """The record of the reversal of `event_id`, an event of the client in `facts`."""
    return CODEC.key(f"{facts.client}.{event_digest(event_id):016x}")


def record(event: Transaction) -> WaitingReversal:
    """The record of a reversal."""
    return WaitingReversal(event.event_id, event.reverses or "", event.occurred_at)
