"""Every codec of the house, by one suite: what it writes it reads, and what it did not write is damaged by its name."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit import entry
from shared.data_model.registry import CODECS, COLLECTIONS
from shared.errors import Damaged
from shared.notifications import devices
from shared.storage.codec import Codec
from shared.storage.documents import Document
from tests.shared.storage.samples import sample

NAMED = {f"{codec.collection.name}: {codec.noun}": codec for codec in (*CODECS, entry.CONTENT)}
STATES: dict[str, str] = json.loads((Path(__file__).parents[1] / "storage" / "states.json").read_text())
"""The state of each sample in hexadecimal, as the first version of its codec wrote it: it never changes."""
GROWN = {"answers: the record of an answer": "its seal", "reviews: a review": "signatures, its client encrypted"}
"""What holds more than its codec wrote at first, and what that is."""
FORMATS = {name: codec for name, codec in NAMED.items() if codec.format is not None}

every_codec = pytest.mark.parametrize("codec", NAMED.values(), ids=NAMED)
every_format = pytest.mark.parametrize("codec", FORMATS.values(), ids=FORMATS)


def decoded(codec: Codec[Any], state: bytes) -> object:
    """What a codec makes of a state."""
    return codec.decode(Document(codec.key("x"), state, "1"))


def damage(codec: Codec[Any], state: bytes) -> str:
    """What a codec says of a state that it cannot read."""
    with pytest.raises(Damaged) as caught:
        decoded(codec, state)
    return str(caught.value)


@every_codec
def test_a_value_is_read_as_it_was_written(codec: Codec[Any]) -> None:
    value = sample(codec)
    assert decoded(codec, codec.encode(value)) == value


@pytest.mark.parametrize("name", sorted(NAMED.keys() - GROWN.keys()))
def test_a_state_that_was_written_before_is_read_and_written_to_the_byte(name: str) -> None:
    codec, state = NAMED[name], bytes.fromhex(STATES[name])
    assert (decoded(codec, state), codec.encode(sample(codec))) == (sample(codec), state)


@pytest.mark.parametrize("name", GROWN)
def test_a_state_that_was_written_before_it_held_more_is_read_and_kept(name: str) -> None:
    codec = NAMED[name]
    before = decoded(codec, bytes.fromhex(STATES[name]))
    assert decoded(codec, codec.encode(before)) == before


@every_format
def test_the_state_begins_with_the_format_number(codec: Codec[Any]) -> None:
    assert msgspec.msgpack.decode(codec.encode(sample(codec)))[0] == codec.format


@every_format
def test_another_format_is_damaged_and_named(codec: Codec[Any]) -> None:
    content = msgspec.msgpack.decode(codec.encode(sample(codec)))
    newer = msgspec.msgpack.encode([content[0] + 1, *content[1:]])
    assert damage(codec, newer) == (
        f"{codec.collection.name}/x is damaged: {codec.noun} of format {codec.format} expected, "
        f"not of format {content[0] + 1}"
    )


@pytest.mark.parametrize(
    "codec", [codec for codec in CODECS if codec is not devices.OWNERS]
)  # a text cut off is a text
def test_a_state_that_was_cut_off_is_damaged(codec: Codec[Any]) -> None:
    state = codec.encode(sample(codec))
    assert damage(codec, state[:-1]).startswith(f"{codec.collection.name}/x is damaged")


@every_codec
@given(state=st.binary(max_size=60))
def test_garbage_is_damaged_or_a_value_and_nothing_else(codec: Codec[Any], state: bytes) -> None:
    try:
        value = decoded(codec, state)
    except Damaged:
        return
    assert decoded(codec, codec.encode(value)) == value


@every_codec
def test_bytes_that_are_no_text_are_damaged(codec: Codec[Any]) -> None:
    assert damage(codec, b"\xc1\xff\xfe").startswith(f"{codec.collection.name}/x is damaged")


def test_a_collection_is_declared_once() -> None:
    names = [collection.name for collection in COLLECTIONS]
    assert sorted(set(names)) == sorted(names)
