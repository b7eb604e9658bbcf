"""The first bytes decide, and never wrongly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed
from shared.events.avro.events import encode
from shared.events.avro.framing import Frame, Framing, frame, registry_framed, single_object
from shared.events.events import Event
from tests.support.avro_generation import events

FINGERPRINT = b"12345678"


@given(events)
def test_a_plain_record_never_looks_framed(event: Event) -> None:
    assert frame(encode(event), Framing.BY_FIRST_BYTES) == Frame(None, 0)


@given(st.binary(), st.integers(0, 2**32 - 1), st.binary(min_size=8, max_size=8))
def test_a_framed_record_is_never_taken_for_a_plain_one(record: bytes, number: int, fingerprint: bytes) -> None:
    """Whatever it holds, and whatever its topic declares but plain."""
    by_registry, by_fingerprint = registry_framed(number, record), single_object(fingerprint, record)
    assert frame(by_registry, Framing.BY_FIRST_BYTES) == frame(by_registry, Framing.REGISTRY) == (number, 5)
    assert frame(by_fingerprint, Framing.BY_FIRST_BYTES) == frame(by_fingerprint, Framing.SINGLE_OBJECT)
    assert frame(by_fingerprint, Framing.BY_FIRST_BYTES) == (fingerprint, 10)


@pytest.mark.parametrize(
    ("data", "framing"),
    [
        (b"\x00\x00\x00\x07", Framing.BY_FIRST_BYTES),
        (b"\x00", Framing.REGISTRY),
        (b"\xc3\x01" + FINGERPRINT[:7], Framing.BY_FIRST_BYTES),
        (b"\xc3\x01", Framing.SINGLE_OBJECT),
        (b"\x02a", Framing.REGISTRY),
        (b"\x02a", Framing.SINGLE_OBJECT),
        (single_object(FINGERPRINT, b"\x02a"), Framing.REGISTRY),
        (registry_framed(7, b"\x02a"), Framing.SINGLE_OBJECT),
    ],
)
def test_half_a_header_and_another_framing_than_declared_are_malformed(data: bytes, framing: Framing) -> None:
    with pytest.raises(Malformed):
        frame(data, framing)


def test_plain_means_plain() -> None:
    """A bank's own record may begin with any byte."""
    assert frame(registry_framed(7, b""), Framing.PLAIN) == Frame(None, 0)
