"""The profile is read out of the states of clients as the features write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clients import stored_profile
from shared.clients.profile import ProfileEntry
from shared.risk.features import client
from shared.risk.features.keys import CLIENTS, FORMAT
from shared.storage.documents import Document
from tests.support.event_streams import TOKENS, states_of, stream

KEY = stored_profile.key("t")


def test_it_lies_in_the_documents_of_the_features() -> None:
    assert (stored_profile.COLLECTION, stored_profile.FORMAT) == (CLIENTS, FORMAT)


@given(seed=st.integers(0, 2**32), size=st.integers(1, 60))
def test_the_newest_profile_is_that_of_the_whole_state(seed: int, size: int) -> None:
    """Whatever happened to the client before and after it."""
    states = states_of(stream(seed, size))
    for number in range(3):
        key = stored_profile.key(TOKENS.client(f"c{number}"))
        state = states.get(key)
        if state is not None:
            profiles = client.CODEC.decode_state(state).profiles
            expected = profiles[-1] if profiles else None
            assert stored_profile.newest(Document(key, state, "1")) == expected


def test_without_a_document_a_snapshot_or_a_sound_state_there_is_none() -> None:
    """An unreadable profile keeps no message from leaving."""
    state = client.new()
    empty = client.CODEC.encode(state)
    state.profiles = [ProfileEntry(1, 2, "Europe/Brussels")]
    other_format = b"\x9e\x03" + client.CODEC.encode(state)[2:]
    documents = [None, *(Document(KEY, content, "1") for content in (empty, other_format, b"\x00", b""))]
    assert [stored_profile.newest(document) for document in documents] == [None] * 5


@pytest.mark.parametrize("zone", [b"\xa2\xff\xfe", b"\x91" * 5000], ids=["no UTF-8", "too deep"])
def test_a_profile_with_a_damaged_text_is_none(zone: bytes) -> None:
    state = client.new()
    state.profiles = [ProfileEntry(1, 2, "XX")]
    damaged = client.CODEC.encode(state).replace(b"\xa2XX", zone)
    assert stored_profile.newest(Document(KEY, damaged, "1")) is None
