"""A dead letter on record: what is said about it is one document, the bytes as they came lie beside it in parts.

So a list reads little, whatever lies in it. Ids begin with the time of the message's publication and sort by it; the
rest is a digest of what came by which subscription, so that the same message is the same letter however often it is
delivered or buried. A letter that waits is kept until somebody settles it, and 90 days from then.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

import msgspec

from shared.privacy import DataClass
from shared.storage.codec import msgpack_codec
from shared.storage.collection import ByField, ByOwner, Collection
from shared.storage.documents import Key
from shared.times import in_utc

RETENTION = timedelta(days=90)
"""How long a letter is kept once it is settled."""

CHUNK_BYTES = 900_000
"""Bytes of a body in one document."""


class Status(StrEnum):
    """What has become of a letter; the last two are for good."""

    WAITING = "waiting"
    REDRIVEN = "redriven"
    DISCARDED = "discarded"


class Action(StrEnum):
    """What settles a letter."""

    REDRIVE = "redrive"
    DISCARD = "discard"


class Proposal(msgspec.Struct, frozen=True, array_like=True):
    """What one person wants done and another has to confirm."""

    action: Action
    by: str
    at: datetime
    reason: str


class Letter(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag_field="format", tag=1):
    """The state. Times are aware UTC; a text that is not known is empty.

    `type` is the type of a command, or else the topic; `subject` the id of the command or event, `operation` the key of
    the answer it belongs to, `client` a token. `attempt` is 0 where nobody counted. `size` and `digest` (SHA-256) are
    the body's as it came, `cut` the bytes it had where they were left out, `edited` says that another is to be sent.
    `follows` is the letter this one was redriven from. `settled_by` confirmed the `proposal`, if there is one.
    """

    topic: str
    subscription: str
    function: str
    attempt: int
    code: str
    reason: str
    field: str
    message: str
    published_at: datetime
    drained_at: datetime
    attributes: dict[str, str]
    size: int
    digest: bytes
    type: str
    subject: str = ""
    operation: str = ""
    client: str = ""
    truncated_from: int = 0
    redriven_from: str = ""
    edited: bool = False
    status: Status = Status.WAITING
    proposal: Proposal | None = None
    settled_by: str = ""
    settled_at: datetime | None = None
    resolution_reason: str = ""


LETTERS = Collection(
    "dead_letters",
    "{when it was published}.{digest}",
    "dead_letters",
    DataClass.PERSONAL,
    RETENTION,
    "why a message could not be processed and what people did about it; while it waits for them, it is kept",
    (ByField("client", "token"),),
)
BODIES = Collection(
    "dead_letter_bodies",
    "{dead letter}.{part}, {dead letter}.edited",
    "dead_letters",
    DataClass.PERSONAL,
    RETENTION,
    "the message as it came, in parts, and what is to be sent instead; kept as long as its letter",
    (ByOwner("dead_letters"),),
)
CODEC = msgpack_codec(LETTERS, Letter, "a dead letter")


def letter_id(published_at: datetime, subscription: str, body: bytes, attributes: dict[str, str]) -> str:
    """The id of a message that could not be processed, `attributes` being its own."""
    digest = blake2b(digest_size=8)
    for piece in (subscription, *(text for pair in sorted(attributes.items()) for text in pair)):
        encoded = piece.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(4) + encoded)
    digest.update(body)
    return f"{id_prefix(published_at)}.{digest.hexdigest()}"


def id_prefix(at: datetime) -> str:
    """What the ids of the letters of a moment begin with, to the millisecond."""
    return in_utc(at).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def key(letter: str) -> Key:
    """Where what is said about a letter stands."""
    return CODEC.key(letter)


def body_keys(letter: str, size: int) -> Sequence[Key]:
    """Where the parts of its body stand, in their order."""
    return [Key(BODIES.name, f"{letter}.{number}") for number in range(-(-size // CHUNK_BYTES))]


def edited_key(letter: str) -> Key:
    """Where the body stands that is to be sent instead."""
    return Key(BODIES.name, f"{letter}.edited")
