"""The events that merchants have counted already: the digests of their ids, by the minute in which they happened.

A merchant's state has buckets only, and a hot one could not hold the ids of a minute. An event that comes again has the
time that it had before, so its digest lies in the document of that minute, however late it comes; one document serves
all merchants, so a group of events that happened together costs one read and one write more. A reversal is kept under
what it reverses, a label under what it labels: two of one event are one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.decision_log import Attempt
from shared.documents import Key
from shared.events import Event, FraudLabel, Kind, Transaction
from shared.features.client import SPENDING
from shared.features.codes import identity
from shared.features.watermark import microseconds
from shared.features.windows import MINUTE

SEEN = "merchant_events"

KEPT = timedelta(days=45)
"""How long digests are kept after the last was added: longer than any merchant's buckets reach back."""


def place(event: Event | Attempt) -> tuple[Key, int] | None:
    """The document in which the digest of `event` belongs, and the digest; `None` for what merchants do not add up."""
    at: datetime | None = None
    name = event.event_id
    if isinstance(event, FraudLabel):
        at, name = event.transaction_at, f"label\0{event.labels}"
    elif not isinstance(event, Transaction):
        return None
    elif event.kind in SPENDING:
        at = event.occurred_at
    elif event.kind is Kind.REVERSAL and event.reverses:
        at, name = event.reverses_at, f"reversal\0{event.reverses}"
    return (Key(SEEN, str(microseconds(at) // MINUTE)), identity(name)) if at is not None else None


def decode(state: bytes) -> set[int]:
    """The digests in a document."""
    return set(memoryview(state).cast("Q"))


def encode(digests: Iterable[int]) -> bytes:
    """The state of a document with `digests`, in ascending order."""
    return b"".join(digest.to_bytes(8, "little") for digest in sorted(digests))
