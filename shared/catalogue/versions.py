"""What is published, as documents: versions that never change, a pointer to the active one, and the history of that
pointer.

For one `name` in a collection (`operations`, `rule_sets`):

    {name}@{version:06d}   a version: its content, who proposed it, who approved it (the only part ever added)
    {name}                 the pointer: the latest activation
    {name}!{epoch:06d}     every activation there was, the first with epoch 1
    @index                 the newest version number of every name in the collection
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from shared.errors import Invalid, Problem
from shared.privacy import DataClass
from shared.storage.codec import Codec, json_codec
from shared.storage.collection import Collection
from shared.storage.documents import Key

OPERATIONS = "operations"
RULE_SETS = "rule_sets"

BUNDLED = 0
"""Stands for a version number where the copy that was deployed with the code is used."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Version(msgspec.Struct, frozen=True):
    """One immutable version. `content_hash` is the SHA-256 of its canonical JSON, in hexadecimal."""

    name: str
    version: int
    content: dict[str, Any]
    content_hash: str
    proposed_by: str
    proposed_at: datetime
    note: str
    approved_by: str | None = None
    approved_at: datetime | None = None

    @property
    def label(self) -> str:
        """`transaction@3`."""
        return label(self.name, self.version)


class Activation(msgspec.Struct, frozen=True):
    """A version became the active one instead of `previous`; `epoch` counts a name's activations from 1."""

    name: str
    epoch: int
    active: int
    previous: int | None
    act: Literal["approved", "rolled_back"]
    by: str
    at: datetime
    note: str = ""


class Index(msgspec.Struct, frozen=True):
    """The newest version number of every name, approved or not."""

    newest: dict[str, int] = msgspec.field(default_factory=dict)


def valid_name(name: str) -> bool:
    """Whether `name` may name something: lower case letters, digits and underscores, a letter first, at most 64."""
    return _NAME.fullmatch(name) is not None


def label(name: str, version: int) -> str:
    """How a version is called in answers, records and logs: `transaction@3`, `transaction@bundled`."""
    return f"{name}@{version if version != BUNDLED else 'bundled'}"


def version_key(collection: str, name: str, version: int) -> Key:
    """Where a version is kept."""
    return Key(collection, f"{name}@{version:06d}")


def pointer_key(collection: str, name: str) -> Key:
    """Where the latest activation is kept."""
    return Key(collection, name)


def activation_key(collection: str, name: str, epoch: int) -> Key:
    """Where one activation of the history is kept."""
    return Key(collection, f"{name}!{epoch:06d}")


def index_key(collection: str) -> Key:
    """Where the newest version numbers are kept."""
    return Key(collection, "@index")


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one spelling of a content as JSON: keys sorted, no spaces."""
    return msgspec.json.encode(content, order="sorted")


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


class Codecs(msgspec.Struct, frozen=True):
    """The codecs of one collection."""

    versions: Codec[Version]
    activations: Codec[Activation]
    indexes: Codec[Index]


def _codecs(name: str, noun: str) -> Codecs:
    collection = Collection(
        name,
        "{name}@{version}, {name}, {name}!{epoch}, @index",
        "cli",
        DataClass.NONE,
        "until deleted",
        f"versions of {noun}, never overwritten; the pointer to the active one and its history; all names",
    )
    stored = json_codec(collection, Version, f"a version of {noun}")
    return Codecs(
        Codec(collection, stored.noun, stored.encode, lambda state: _published(stored.parse(state))),
        json_codec(collection, Activation, f"an activation of {noun}"),
        json_codec(collection, Index, "the newest version numbers"),
    )


def _published(version: Version) -> Version:
    """The same version; raises `Invalid` where its content is not what was hashed."""
    if content_hash(version.content) != version.content_hash:
        raise Invalid(Problem("/content", "the content is not what was published"))
    return version


CODECS: Mapping[str, Codecs] = {
    OPERATIONS: _codecs(OPERATIONS, "an operation"),
    RULE_SETS: _codecs(RULE_SETS, "a rule set"),
}
"""By collection."""
