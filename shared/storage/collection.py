"""The declaration of a collection of documents: its only writer, its keys, its retention, and how the documents about
one client are found.

Each is declared beside the code that owns it; `shared.data_model.registry` lists them all.
"""

from datetime import timedelta
from typing import Literal

import msgspec

from shared.privacy import DataClass

Retention = timedelta | Literal["until deleted", "as its operation declares"]
"""How long a document lives after its last write."""


class ByKey(msgspec.Struct, frozen=True):
    """The document's id is `id`, with the client's token for `{client}`."""

    id: str = "{client}"


class ByPrefix(msgspec.Struct, frozen=True):
    """The ids of the client's documents begin with `prefix`, with the client's token for `{client}`."""

    prefix: str


class ByField(msgspec.Struct, frozen=True):
    """Every document is read: the client is named in `field` of the decoded value (dotted), by its `name`."""

    field: str
    name: Literal["id", "token"]


class ByOwner(msgspec.Struct, frozen=True):
    """The ids are made of what the client's documents in `collection` hold, or of their ids."""

    collection: str


ClientDocuments = ByKey | ByPrefix | ByField | ByOwner
"""A way to find the documents about one client."""


class Collection(msgspec.Struct, frozen=True):
    """One collection. `key` shows a document id's pattern, `data_class` is the highest class of anything in it,
    `content` a description, `clients` the ways to find the documents about one client, if there are any.
    """

    name: str
    key: str
    owner: str
    data_class: DataClass
    retention: Retention
    content: str
    clients: tuple[ClientDocuments, ...] = ()
