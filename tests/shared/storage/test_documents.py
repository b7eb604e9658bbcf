"""What every store takes, whichever it is: ids, sizes of commits and of states."""

from datetime import UTC, datetime

import pytest

from shared.errors import Invalid
from shared.storage.documents import (
    MAX_ID_BYTES,
    MAX_STATE_BYTES,
    MAX_WRITES,
    Create,
    Delete,
    Document,
    Key,
    Update,
    check_keys,
    check_limits,
    put,
    reschedule,
)

KEY = Key("things", "1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "id_", ["", "a/b", ".", "..", "__x__", "x" * (MAX_ID_BYTES + 1), "é" * (MAX_ID_BYTES // 2 + 1), "\ud800"]
)
def test_an_id_that_a_backend_would_refuse_is_refused(id_: str) -> None:
    with pytest.raises(Invalid):
        check_keys([Key("things", id_)])


@pytest.mark.parametrize("id_", ["a", "...", "a.b", "__x", "x" * MAX_ID_BYTES, "é" * (MAX_ID_BYTES // 2), "\n"])
def test_any_other_id_is_taken(id_: str) -> None:
    check_keys([Key("things", id_)])


def test_a_commit_has_so_many_writes_at_most() -> None:
    writes = [Delete(Key("things", str(number))) for number in range(MAX_WRITES + 1)]
    check_limits(writes[1:])
    with pytest.raises(Invalid, match="at most 500 in one commit, not 501"):
        check_limits(writes)


def test_a_commit_writes_a_document_once() -> None:
    with pytest.raises(Invalid, match="writes a document once"):
        check_limits([Create(KEY, b""), Delete(KEY)])


def test_a_state_has_so_many_bytes_at_most() -> None:
    check_limits([Create(KEY, bytes(MAX_STATE_BYTES))])
    with pytest.raises(Invalid, match="a state is at most"):
        check_limits([Update(KEY, "1", bytes(MAX_STATE_BYTES + 1))])


def test_what_was_not_there_is_created_and_what_was_there_is_replaced_in_its_version() -> None:
    assert put(None, KEY, b"new", NOW) == Create(KEY, b"new", NOW)
    assert put(Document(KEY, b"old", "7"), KEY, b"new", None, NOW) == Update(KEY, "7", b"new", None, NOW)


def test_other_times_leave_the_state_as_it_was_read() -> None:
    assert reschedule(Document(KEY, b"old", "7", due_at=NOW), None, NOW) == Update(KEY, "7", b"old", None, NOW)
