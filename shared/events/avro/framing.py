"""The framing of messages: their first bytes say which schema wrote the record, and where it begins.

A record of our own schemas begins with a string that is not empty, so its first byte is even and not 00: neither
`00` (a registry's framing, then 4 bytes of schema id, big-endian) nor `C3 01` (Avro's single-object encoding, then 8
bytes of the schema's fingerprint) can be one. A bank's own schema has no such field: its topic declares its framing.
Sources: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format,
https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding
"""

from enum import StrEnum
from typing import NamedTuple

from shared.errors import Malformed, Problem

REGISTRY_MARK, SINGLE_OBJECT_MARK = b"\x00", b"\xc3\x01"
_REGISTRY_HEADER, _SINGLE_OBJECT_HEADER = 5, 10


class Framing(StrEnum):
    """How the messages of a topic are framed."""

    BY_FIRST_BYTES = "by_first_bytes"
    """Any of the three, by the first bytes; only where the schema's first field is a string that is never empty."""

    REGISTRY = "registry"
    SINGLE_OBJECT = "single_object"
    PLAIN = "plain"


class Frame(NamedTuple):
    """Which schema wrote a record, and the position of its first byte.

    `writer` is an `int`, the number in a registry; 8 `bytes`, a fingerprint; or `None`, the schema agreed for plain
    records.
    """

    writer: int | bytes | None
    start: int


_PLAIN = Frame(None, 0)


def frame(data: bytes, framing: Framing) -> Frame:
    """The frame of a message that has a body. Raises `Malformed` for one framed otherwise than its topic's."""
    if framing is Framing.PLAIN:
        return _PLAIN
    if data[0] == 0 and framing is not Framing.SINGLE_OBJECT:
        if len(data) < _REGISTRY_HEADER:
            raise Malformed(Problem("", "a schema id of 4 bytes expected after 00"))
        return Frame(int.from_bytes(data[1:_REGISTRY_HEADER], "big"), _REGISTRY_HEADER)
    if data[:2] == SINGLE_OBJECT_MARK and framing is not Framing.REGISTRY:
        if len(data) < _SINGLE_OBJECT_HEADER:
            raise Malformed(Problem("", "a fingerprint of 8 bytes expected after C3 01"))
        return Frame(data[2:_SINGLE_OBJECT_HEADER], _SINGLE_OBJECT_HEADER)
    if framing is Framing.BY_FIRST_BYTES:
        return _PLAIN
    expected = "00 and a schema id" if framing is Framing.REGISTRY else "C3 01 and a fingerprint"
    raise Malformed(Problem("", f"a body that begins with {expected} expected"))


def registry_framed(schema_id: int, record: bytes) -> bytes:
    """`record` as a message whose schema is in a registry."""
    return REGISTRY_MARK + schema_id.to_bytes(4, "big") + record


def single_object(fingerprint: bytes, record: bytes) -> bytes:
    """`record` as a message in single-object encoding."""
    return SINGLE_OBJECT_MARK + fingerprint + record
