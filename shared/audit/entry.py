"""An entry of the audit: who read or did what, to whom and why, sealed by the hash of the entry before it.

An entry's hash is SHA-256 over its content, the very bytes that are stored, and the content names the hash of the one
before: whoever changes, removes or inserts an entry has to rewrite all that follow, and the head.
"""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

from shared.privacy import DataClass
from shared.storage.codec import json_codec, msgpack_codec
from shared.storage.collection import Collection
from shared.storage.documents import Key

AUDIT = Collection(
    "audit",
    "{number}, head",
    "operator_api",
    DataClass.PERSONAL,
    "until deleted",
    "who read or did what, when, to whom and why, each entry with the hash of the one before; the newest's hash",
)
HEAD = Key(AUDIT.name, "head")

FIRST = "0" * 64
"""What the first entry names as the hash of the one before."""

_DIGITS = 12  # of a sequence number, so that ids sort as numbers do


class Outcome(StrEnum):
    """What became of it."""

    DONE = "done"
    UNCHANGED = "unchanged"
    """It had been done before: nothing was changed this time."""
    REFUSED = "refused"
    """Who asked may not, or what is there forbids it: nothing was changed."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry. `actor` is an e-mail address, or the function that acted by itself; `targets` are the ids of what was
    read or changed, `subjects` the clients it is about, as tokens; `at` is aware UTC.
    """

    sequence: int
    previous: str
    at: datetime
    actor: str
    action: str
    outcome: Outcome
    targets: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    reason: str = msgspec.field(default="", name="why")
    trace_id: str = ""


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """An entry as it is stored: its content as JSON, and the hash of these bytes."""

    hash: str
    content: bytes


class Head(msgspec.Struct, frozen=True, array_like=True):
    """The newest entry: its number, 0 before there is one, and its hash."""

    sequence: int = 0
    hash: str = FIRST


CONTENT = json_codec(AUDIT, Entry, "the content of an entry")
ENTRIES = msgpack_codec(AUDIT, Sealed, "a sealed entry")
HEADS = msgpack_codec(AUDIT, Head, "the head of the chain")


def digest(content: bytes) -> str:
    """The hash of an entry's content: SHA-256, 64 hexadecimal digits."""
    return sha256(content).hexdigest()


def sealed(entry: Entry) -> Sealed:
    """The entry with its hash."""
    content = CONTENT.encode(entry)
    return Sealed(digest(content), content)


def opened(content: bytes) -> Entry:
    """The entry in a content; raises `Damaged`."""
    return CONTENT.decode_state(content)


def entry_key(sequence: int) -> Key:
    """Where the entry of that number stands."""
    return ENTRIES.key(f"{sequence:0{_DIGITS}}")
