"""Every collection of the document store and every codec: the source for retention, erasure, rebuild and Terraform.

It imports the domains, so no function and no domain imports it (`tests/test_architecture.py`). `docs/data-model.md`
has the same table for people; a test compares the two.
"""

from collections.abc import Iterable
from typing import Any

from shared.audit import entry
from shared.catalogue import versions
from shared.commands import kill_switches, ledger
from shared.dead_letters import letter
from shared.notifications import devices, history, preferences
from shared.risk import answers
from shared.risk.features import client, deduplication, device, keys, merchant, pending_reversals, watermark
from shared.risk.reviews import stored_review
from shared.storage.codec import Codec
from shared.storage.collection import Collection


def _of_catalogue(name: str) -> tuple[Codec[Any], ...]:
    codecs = versions.CODECS[name]
    return codecs.versions, codecs.activations, codecs.indexes


_DECLARED: tuple[Codec[Any] | Collection, ...] = (
    *_of_catalogue(versions.OPERATIONS),
    *_of_catalogue(versions.RULE_SETS),
    answers.CODEC,
    keys.ATTEMPTS,
    client.CODEC,
    device.CODEC,
    merchant.CODEC,
    deduplication.CODEC,
    pending_reversals.CODEC,
    history.CODEC,
    preferences.CODEC,
    devices.CODEC,
    devices.OWNERS,
    watermark.CODEC,
    ledger.CODEC,
    kill_switches.CODEC,
    stored_review.CODEC,
    entry.ENTRIES,
    entry.HEADS,
    letter.CODEC,
    letter.BODIES,
)
"""Codecs, and collections whose documents have none: a count, or bytes as they came."""

CODECS: tuple[Codec[Any], ...] = tuple(codec for codec in _DECLARED if isinstance(codec, Codec))


def _collections(declared: Iterable[Codec[Any] | Collection]) -> Iterable[Collection]:
    return (item.collection if isinstance(item, Codec) else item for item in declared)


COLLECTIONS: tuple[Collection, ...] = tuple(dict.fromkeys(_collections(_DECLARED)))
"""Each once, in the order of the table."""
