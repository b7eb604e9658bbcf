"""The events that merchants have counted already: the digests of their ids, by the minute in which they happened.

A merchant's state has buckets only, and a hot one could not hold the ids of a minute. An event that comes again has the
time that it had before, so its digest lies in the document of that minute, however late it comes; one document serves
all merchants, so a group of events that happened together costs one read and one write more. A reversal is kept under
what it reverses, a label under what it labels: two of one event are one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.events.events import Event, FraudLabel, Kind, Transaction
from shared.ids import event_digest
from shared.privacy import DataClass
from shared.risk.features.client import SPENDING
from shared.storage.codec import Codec
from shared.storage.collection import Collection
from shared.storage.documents import Key
from shared.times import MINUTE, microseconds

RETENTION = timedelta(days=45)
"""How long digests are kept after the last was added: longer than any merchant's buckets reach back."""


def _parse(state: bytes) -> set[int]:
    if len(state) % 8:
        raise ValueError("whole digests of 8 bytes expected")
    return set(memoryview(state).cast("Q"))


def _encode(digests: Iterable[int]) -> bytes:
    """In ascending order."""
    return b"".join(digest.to_bytes(8, "little") for digest in sorted(digests))


CODEC: Codec[set[int]] = Codec(
    Collection(
        "merchant_events",
        "{minute}",
        "merchant_features",
        DataClass.NONE,
        RETENTION,
        "digests of the ids of the events of that minute that merchants have counted, so that none counts twice",
    ),
    "digests of events",
    _encode,
    _parse,
)


def digest_key(event: Event) -> tuple[Key, int] | None:
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
    return (CODEC.key(str(microseconds(at) // MINUTE)), event_digest(name)) if at is not None else None
