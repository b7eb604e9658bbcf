"""A reversal that waits for what it reverses: remembered, with the time at which somebody should ask where that is.

The features need no such record: a client's state remembers the reversal, and does not take the event when it comes.
The record is for people. It goes when the event comes, and what is due is reported by scheduled work.
"""

from datetime import datetime, timedelta

import msgspec

from shared.documents import Document, Key
from shared.errors import Unavailable
from shared.events import Transaction
from shared.features.codes import identity
from shared.features.facts import Facts

WAITING = "waiting_reversals"

LIMIT = timedelta(days=3)
"""How long the reversed event may take before its absence is reported: late events come within two days."""

KEPT = timedelta(days=30)
"""How long a record is kept after its reversal came."""


class WaitingReversal(msgspec.Struct, frozen=True):
    """What is told of a reversal that waits: ids of events, and when it says that it happened."""

    event_id: str
    reverses: str
    occurred_at: datetime


_decode = msgspec.json.Decoder(WaitingReversal).decode


def key(facts: Facts, event_id: str) -> Key:
    """The record of the reversal of `event_id`, an event of the client in `facts`."""
    return Key(WAITING, f"{facts.client}.{identity(event_id):016x}")


def read(document: Document) -> WaitingReversal:
    """What a record tells; raises `Unavailable` for a damaged one."""
    try:
        return _decode(document.state)
    except msgspec.MsgspecError as error:
        raise Unavailable("the record of a waiting reversal is damaged") from error


def encode(event: Transaction) -> bytes:
    """The state of the record of a reversal."""
    return msgspec.json.encode(WaitingReversal(event.event_id, event.reverses or "", event.occurred_at))
