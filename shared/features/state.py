"""The encoding of states: MessagePack arrays, the version first, so that another version is never misread."""

from typing import TypeVar

import msgspec

from shared.errors import Malformed, Problem

VERSION = 2
"""Of all three states; a change of their fields raises it, and a rebuild from the archive writes the new form."""

State = TypeVar("State", bound=msgspec.Struct)

_encoder = msgspec.msgpack.Encoder()


def encode(state: msgspec.Struct) -> bytes:
    """The bytes of a state."""
    return _encoder.encode(state)


def decode(decoder: msgspec.msgpack.Decoder[State], state: bytes) -> State:
    """The state in `state`. Raises `Malformed` for another version, or for what is no state."""
    if state[1:2] != bytes([VERSION]):  # behind the header of an array of up to 15 fields
        raise Malformed(Problem("version", f"expected a state of features of version {VERSION}"))
    try:
        return decoder.decode(state)
    except msgspec.DecodeError as error:
        raise Malformed(Problem("state", "expected a state of features")) from error
