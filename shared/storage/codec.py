"""A codec: how the values of one type are encoded in the documents of a collection.

A state may carry a format number, as the first element of a MessagePack array: for a struct declared with
`array_like=True, tag_field="format", tag=1` msgspec writes that tag and refuses to read another. The states of a struct
without a tag carry none. A state that cannot be read is `Damaged`: the documents are our own, so no caller is at fault.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from shared.errors import Damaged, Permanent
from shared.storage.collection import Collection
from shared.storage.documents import Create, Document, Key, Write, put

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)


class Codec(msgspec.Struct, Generic[T], frozen=True):
    """The codec of one type. `noun` names the value in errors ("a review").

    `parse` makes a value of a state; it may raise msgspec's errors, `ValueError`, `OverflowError`, `RecursionError` and
    the `Permanent` ones of our tree, all of which `decode` turns into `Damaged`. `format` is the number that a state
    carries, `None` where it carries none.
    """

    collection: Collection
    noun: str
    encode: Callable[[T], bytes]
    parse: Callable[[bytes], T]
    format: int | None = None

    def key(self, id_: str) -> Key:
        """The key of the document of that id."""
        return Key(self.collection.name, id_)

    def decode(self, document: Document) -> T:
        """The value in a document; raises `Damaged`."""
        return self.decode_state(document.state, document.key.id)

    def decode_state(self, state: bytes, id_: str = "") -> T:
        """The value in a state, of the document of that id; raises `Damaged`."""
        try:
            return self.parse(state)
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError, Permanent) as error:
            raise Damaged(self._problem(state, id_, error)) from error

    def create(
        self, key: Key, value: T, *, due_at: datetime | None = None, expires_at: datetime | None = None
    ) -> Create:
        """The write of a document that must not exist yet."""
        return Create(key, self.encode(value), due_at, expires_at)

    def put(
        self,
        document: Document | None,
        key: Key,
        value: T,
        *,
        due_at: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> Write:
        """The write that puts `value` in the place of what was read at `key`: a create, or an update of its version."""
        return put(document, key, self.encode(value), due_at, expires_at)

    def _problem(self, state: bytes, id_: str, error: Exception) -> str:
        name = f"{self.collection.name}/{id_}" if id_ else self.collection.name
        if isinstance(error, Permanent):
            return f"{name} is damaged: {error}"
        if self.format is None:
            return f"{name} is damaged: {self.noun} expected"
        number = _format_number(state)
        other = f", not of format {number}" if number is not None and number != self.format else ""
        return f"{name} is damaged: {self.noun} of format {self.format} expected{other}"


def msgpack_codec(collection: Collection, kind: type[S], noun: str) -> Codec[S]:
    """The codec of a struct as MessagePack; its format number is the struct's `tag`, if it has one."""
    return Codec(
        collection, noun, msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(kind).decode, _format(kind)
    )


def json_codec(collection: Collection, kind: type[S], noun: str) -> Codec[S]:
    """The codec of a struct as JSON, which carries no format number."""
    return Codec(collection, noun, msgspec.json.Encoder().encode, msgspec.json.Decoder(kind).decode)


def _format(kind: type[msgspec.Struct]) -> int | None:
    config = kind.__struct_config__
    return config.tag if config.array_like and isinstance(config.tag, int) else None


def _format_number(state: bytes) -> int | None:
    """The number at the head of a state that could not be read, if there is one."""
    try:
        content: Any = msgspec.msgpack.decode(state)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    number = content[0] if isinstance(content, list) and content else None
    return number if type(number) is int else None
