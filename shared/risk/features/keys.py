"""Which documents a question or an event is about: their collections, and their ids made of tokens."""

from datetime import datetime, timedelta
from typing import NamedTuple

from shared.privacy import DataClass
from shared.risk.features.inputs import FeatureInputs
from shared.storage.collection import ByPrefix, Collection
from shared.storage.documents import Key

CLIENTS = "features_clients"
DEVICES = "features_devices"
MERCHANTS = "features_merchants"
WATERMARKS = "watermarks"

FORMAT = 2
"""Of the states of clients, devices and merchants: it changes with their fields, and a rebuild from the archive writes
the new form.
"""

WATERMARK = Key(WATERMARKS, "features")
"""Holds the time of the newest event that the features hold (`shared.risk.features.watermark`)."""

ATTEMPTS_RETENTION = timedelta(minutes=10)
"""How long a count of attempts is kept after it was last raised."""

ATTEMPTS = Collection(
    "attempts",
    "{client|card|device}:{token}:{minute}",
    "risk_decision",
    DataClass.PSEUDONYMOUS,
    ATTEMPTS_RETENTION,
    "how often was asked in that minute, whatever was answered",
    (ByPrefix("client:{client}:"),),
)
"""Counts without a state."""


class FeatureKeys(NamedTuple):
    """The documents with the features for one question; `None` where the question lacks that part."""

    client: Key | None
    device: Key | None
    merchant: Key | None
    watermark: Key

    def present(self) -> list[Key]:
        """The keys to read, in this order, without those that are absent."""
        return [key for key in self if key is not None]


class AttemptKeys(NamedTuple):
    """The counters of attempts to increment for one question, each expiring at `expires_at`."""

    client: Key | None
    card: Key | None
    device: Key | None
    expires_at: datetime


def keys(facts: FeatureInputs) -> FeatureKeys:
    """The documents to read for a question."""
    return FeatureKeys(
        Key(CLIENTS, facts.client) if facts.client else None,
        Key(DEVICES, facts.device) if facts.device else None,
        Key(MERCHANTS, facts.merchant) if facts.merchant else None,
        WATERMARK,
    )


def attempt_keys(facts: FeatureInputs, at: datetime, now: datetime) -> AttemptKeys:
    """The counters of the minute of `at`, named `{client|card|device}:{token}:{minutes since 1970}`.

    They expire by the clock of the world, `now`: a replay asks about minutes long past.
    """
    minute = int(at.timestamp()) // 60

    def key(kind: str, token: str | None) -> Key | None:
        return Key(ATTEMPTS.name, f"{kind}:{token}:{minute}") if token else None

    return AttemptKeys(
        key("client", facts.client), key("card", facts.card), key("device", facts.device), now + ATTEMPTS_RETENTION
    )
