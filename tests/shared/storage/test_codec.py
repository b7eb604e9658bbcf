"""A codec writes the format number, checks it, and calls whatever it cannot read damaged, by the document's name."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Damaged, Invalid, Problem
from shared.privacy import DataClass
from shared.storage.codec import Codec, json_codec, msgpack_codec
from shared.storage.collection import Collection
from shared.storage.documents import Create, Document, Key, Update

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PARCELS = Collection("parcels", "{number}", "post", DataClass.NONE, "until deleted", "what is on its way")


class Parcel(msgspec.Struct, frozen=True, array_like=True, tag_field="format", tag=3):
    """A value with a format number."""

    weight: int
    note: str = ""


class Stamp(msgspec.Struct, frozen=True):
    """A value without one."""

    price: int


CODEC = msgpack_codec(PARCELS, Parcel, "a parcel")
STAMPS = json_codec(PARCELS, Stamp, "a stamp")


def stored(state: bytes) -> Document:
    """A document with that state."""
    return Document(CODEC.key("1"), state, "7")


def problem(codec: Codec[Parcel] | Codec[Stamp], state: bytes) -> str:
    """What decoding a state leads to."""
    with pytest.raises(Damaged) as caught:
        codec.decode(stored(state))
    return str(caught.value)


@given(st.builds(Parcel, st.integers(-(2**63), 2**64 - 1), st.text()))
def test_a_value_is_decoded_as_it_was_encoded(parcel: Parcel) -> None:
    assert CODEC.decode(stored(CODEC.encode(parcel))) == parcel


def test_the_format_number_is_the_first_element_of_the_state() -> None:
    assert (CODEC.format, msgspec.msgpack.decode(CODEC.encode(Parcel(5, "x")))) == (3, [3, 5, "x"])


@pytest.mark.parametrize("number", [0, 2, 4, 300])
def test_a_state_of_another_format_is_damaged_and_the_error_names_both(number: int) -> None:
    state = msgspec.msgpack.encode([number, 5, "x"])
    assert problem(CODEC, state) == f"parcels/1 is damaged: a parcel of format 3 expected, not of format {number}"


@given(st.binary(max_size=40))
def test_garbage_is_damaged_or_a_value(state: bytes) -> None:
    try:
        CODEC.decode(stored(state))
    except Damaged:
        return
    assert msgspec.msgpack.decode(state)[0] == 3


@pytest.mark.parametrize("length", range(len(CODEC.encode(Parcel(5, "xyz")))))
def test_a_truncated_state_is_damaged(length: int) -> None:
    assert problem(CODEC, CODEC.encode(Parcel(5, "xyz"))[:length]).startswith("parcels/1 is damaged")


@pytest.mark.parametrize("state", [b"\x93\x03\x05\xa1\xff", b"\x93\x03\x05" + b"\x91" * 100_000])
def test_broken_text_and_bottomless_nesting_are_damaged(state: bytes) -> None:
    assert problem(CODEC, state) == "parcels/1 is damaged: a parcel of format 3 expected"


def test_a_state_without_a_format_number_is_read_without_one() -> None:
    assert (STAMPS.format, STAMPS.encode(Stamp(95))) == (None, b'{"price":95}')
    assert problem(STAMPS, b'{"price":"\xff"}') == "parcels/1 is damaged: a stamp expected"


def test_what_a_parser_of_ours_refuses_is_damaged() -> None:
    def parse(state: bytes) -> Stamp:
        raise Invalid(Problem("/price", f"{len(state)} bytes"))

    codec = Codec(PARCELS, "a stamp", STAMPS.encode, parse)
    assert problem(codec, b"") == "parcels/1 is damaged: /price: 0 bytes"


def test_a_state_without_its_document_is_damaged_under_the_name_of_its_collection() -> None:
    with pytest.raises(Damaged, match=r"^parcels is damaged: a stamp expected$"):
        STAMPS.decode_state(b"")


def test_a_value_is_put_where_nothing_was_read_by_creating_it() -> None:
    later = NOW + timedelta(days=1)
    write = STAMPS.put(None, Key("parcels", "1"), Stamp(1), due_at=NOW, expires_at=later)
    assert write == Create(Key("parcels", "1"), b'{"price":1}', NOW, later)


def test_a_value_is_put_in_the_place_of_the_very_version_that_was_read() -> None:
    later = NOW + timedelta(days=1)
    write = STAMPS.put(stored(b"{}"), Key("parcels", "1"), Stamp(1), due_at=NOW, expires_at=later)
    assert write == Update(Key("parcels", "1"), "7", b'{"price":1}', NOW, later)
