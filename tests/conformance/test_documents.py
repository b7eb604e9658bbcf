"""What every store of documents does, whatever it is made of."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, WriteConflict
from shared.storage.documents import (
    MAX_STATE_BYTES,
    MAX_WRITES,
    Create,
    Delete,
    Document,
    Documents,
    Increment,
    Key,
    Update,
    Write,
)
from tests.support.deadlines import plenty

DUE = datetime(2026, 3, 4, 5, 6, 7, 890_123, UTC)
EXPIRES = datetime(2199, 12, 31, 23, 59, 59, 999_999, UTC)
A, B, C = (Key("things", name) for name in "abc")


async def ids(documents: Documents, deadline: Deadline, **arguments: object) -> list[str]:
    read = await documents.scan("things", deadline, **arguments)  # type: ignore[arg-type] # named by each test
    return [document.key.id for document in read]


async def test_a_read_gives_the_documents_in_the_order_of_the_keys_and_none_where_there_is_none(
    documents: Documents, soon: Deadline
) -> None:
    written = await documents.commit([Create(A, b"1"), Create(B, b"2")], soon)
    first = Document(A, b"1", written[0].version)
    second = Document(B, b"2", written[1].version)
    assert await documents.read([B, C, A, B], soon) == [second, None, first, second]
    assert await documents.read([], soon) == []


async def test_a_document_comes_back_as_it_was_written_with_times_to_the_microsecond(
    documents: Documents, soon: Deadline
) -> None:
    state = bytes(range(256)) * 64
    (written,) = await documents.commit([Create(A, state, due_at=DUE, expires_at=EXPIRES)], soon)
    assert await documents.read([A], soon) == [Document(A, state, written.version, 0, DUE, EXPIRES)]


async def test_a_document_is_created_once(documents: Documents, soon: Deadline) -> None:
    await documents.commit([Create(A, b"first")], soon)
    with pytest.raises(WriteConflict):
        await documents.commit([Create(A, b"second")], soon)
    (document,) = await documents.read([A], soon)
    assert document is not None
    assert document.state == b"first"


async def test_a_commit_that_writes_a_document_twice_is_refused(documents: Documents, soon: Deadline) -> None:
    with pytest.raises(Invalid):
        await documents.commit([Create(A, b"1"), Increment(A)], soon)
    assert await documents.read([A], soon) == [None]


async def test_an_update_replaces_state_and_times_and_keeps_the_count(documents: Documents, soon: Deadline) -> None:
    await documents.commit([Create(A, b"old", due_at=DUE, expires_at=EXPIRES)], soon)
    (counted,) = await documents.commit([Increment(A, 7)], soon)
    (written,) = await documents.commit([Update(A, counted.version, b"new")], soon)
    assert await documents.read([A], soon) == [Document(A, b"new", written.version, 7)]


async def test_an_update_of_an_old_version_or_of_nothing_conflicts(documents: Documents, soon: Deadline) -> None:
    (first,) = await documents.commit([Create(A, b"1")], soon)
    await documents.commit([Update(A, first.version, b"2")], soon)
    for key in (A, B):
        with pytest.raises(WriteConflict):
            await documents.commit([Update(key, first.version, b"3")], soon)


async def test_the_version_of_a_deleted_document_is_not_that_of_the_one_made_in_its_place(
    documents: Documents, soon: Deadline
) -> None:
    (first,) = await documents.commit([Create(A, b"1")], soon)
    await documents.commit([Delete(A)], soon)
    await documents.commit([Create(A, b"1")], soon)
    with pytest.raises(WriteConflict):
        await documents.commit([Update(A, first.version, b"2")], soon)


async def test_nothing_of_a_commit_is_written_when_one_precondition_fails(documents: Documents, soon: Deadline) -> None:
    (kept,) = await documents.commit([Create(A, b"kept")], soon)
    counter = Key("counters", "c")
    good: list[Write] = [Create(B, b"new"), Increment(counter), Update(A, kept.version, b"changed")]
    bad: list[Write] = [Delete(C, kept.version), Update(C, kept.version, b""), Create(Key("others", "there"), b"")]
    await documents.commit([bad[2]], soon)
    for write in bad:
        with pytest.raises(WriteConflict):
            await documents.commit([*good[:2], write, good[2]], soon)
    assert await documents.read([A, B, counter], soon) == [Document(A, b"kept", kept.version), None, None]


async def test_an_increment_makes_a_document_with_an_empty_state_and_gives_the_new_count(
    documents: Documents, soon: Deadline
) -> None:
    counts = [(await documents.commit([Increment(A, by)], soon))[0].count for by in (1, 5, -2)]
    assert counts == [1, 6, 4]
    (document,) = await documents.read([A], soon)
    assert document is not None
    assert (document.state, document.count, document.expires_at) == (b"", 4, None)


async def test_an_increment_leaves_the_state_and_the_times_it_does_not_give(
    documents: Documents, soon: Deadline
) -> None:
    await documents.commit([Create(A, b"state", due_at=DUE, expires_at=DUE)], soon)
    await documents.commit([Increment(A)], soon)
    (written,) = await documents.commit([Increment(A, expires_at=EXPIRES)], soon)
    assert await documents.read([A], soon) == [Document(A, b"state", written.version, 2, DUE, EXPIRES)]


async def test_an_increment_changes_the_version(documents: Documents, soon: Deadline) -> None:
    (created,) = await documents.commit([Create(A, b"state")], soon)
    await documents.commit([Increment(A)], soon)
    with pytest.raises(WriteConflict):
        await documents.commit([Update(A, created.version, b"lost")], soon)


async def test_a_delete_needs_a_document_only_with_a_version(documents: Documents, soon: Deadline) -> None:
    (first,) = await documents.commit([Create(A, b"1")], soon)
    (second,) = await documents.commit([Update(A, first.version, b"2")], soon)
    with pytest.raises(WriteConflict):
        await documents.commit([Delete(A, first.version)], soon)
    assert [write.version for write in await documents.commit([Delete(A, second.version), Delete(B)], soon)] == ["", ""]
    with pytest.raises(WriteConflict):
        await documents.commit([Delete(A, second.version)], soon)
    assert await documents.read([A], soon) == [None]


async def test_a_commit_of_nothing_does_nothing(documents: Documents, soon: Deadline) -> None:
    assert await documents.commit([], soon) == []


async def test_a_scan_pages_through_one_collection_in_order_of_id(documents: Documents, soon: Deadline) -> None:
    names = ["a", "b", "b1", "b2", "b3", "c", "é", "中", "\uff5e", "😀"]
    await documents.commit([Create(Key("things", name), b"") for name in reversed(names)], soon)
    await documents.commit([Create(Key("others", "b0"), b"")], soon)
    assert await ids(documents, soon) == names
    assert await ids(documents, soon, limit=3) == names[:3]
    assert await ids(documents, soon, after="b1", limit=3) == ["b2", "b3", "c"]
    assert await ids(documents, soon, prefix="b") == ["b", "b1", "b2", "b3"]
    assert await ids(documents, soon, prefix="b", after="b1", limit=1) == ["b2"]
    assert await ids(documents, soon, prefix="b", after="b3") == []
    assert await ids(documents, soon, prefix="b", after="a") == ["b", "b1", "b2", "b3"]
    assert await ids(documents, soon, prefix="é") == ["é"]


async def test_what_is_due_comes_the_oldest_first(documents: Documents, soon: Deadline) -> None:
    minutes = {"late": 3, "early": 1, "middle": 2, "exactly": 4, "future": 5}
    times = {name: DUE + timedelta(minutes=after) for name, after in minutes.items()}
    await documents.commit([Create(Key("things", name), b"", due_at=at) for name, at in times.items()], soon)
    await documents.commit([Create(Key("things", "never"), b""), Create(Key("others", "x"), b"", due_at=DUE)], soon)
    due = await documents.due("things", soon, before=times["exactly"])
    assert [document.key.id for document in due] == ["early", "middle", "late", "exactly"]
    assert due[0].due_at == times["early"]
    first = await documents.due("things", soon, before=times["exactly"], limit=2)
    assert [document.key.id for document in first] == ["early", "middle"]


async def test_what_is_updated_without_a_time_is_no_longer_due(documents: Documents, soon: Deadline) -> None:
    (written,) = await documents.commit([Create(A, b"", due_at=DUE)], soon)
    await documents.commit([Update(A, written.version, b"done")], soon)
    assert await documents.due("things", soon, before=EXPIRES) == []


@pytest.mark.parametrize(
    "name", ["ü", "日本", "😀", "a b", "a.b", "_x_", "__x", "100%", "a\\b", "'\"", "x" * 500, "é" * 250, "a\nb"]
)
async def test_an_id_may_be_any_text_within_the_rules(documents: Documents, soon: Deadline, name: str) -> None:
    key = Key("things", name)
    (written,) = await documents.commit([Create(key, b"state")], soon)
    assert await documents.read([key], soon) == [Document(key, b"state", written.version)]
    assert await ids(documents, soon) == [name]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "__x__", "____", "x" * 501, "é" * 251, "\ud800"])
async def test_an_id_against_the_rules_is_refused(documents: Documents, soon: Deadline, name: str) -> None:
    key = Key("things", name)
    with pytest.raises(Invalid):
        await documents.commit([Create(key, b"")], soon)
    with pytest.raises(Invalid):
        await documents.read([key], soon)


async def test_a_commit_takes_its_limits_and_nothing_beyond(documents: Documents, soon: Deadline) -> None:
    keys = [Key("things", f"{number:03}") for number in range(MAX_WRITES + 1)]
    await documents.commit([Create(key, b"") for key in keys[:MAX_WRITES]], soon)
    assert len(await documents.read(keys, soon)) == MAX_WRITES + 1
    with pytest.raises(Invalid):
        await documents.commit([Increment(key) for key in keys], soon)
    await documents.commit([Create(A, bytes(MAX_STATE_BYTES))], soon)
    with pytest.raises(Invalid):
        await documents.commit([Create(B, bytes(MAX_STATE_BYTES + 1))], soon)


async def test_an_expired_document_is_read_until_it_is_removed(documents: Documents, soon: Deadline) -> None:
    (written,) = await documents.commit([Create(A, b"", expires_at=DUE)], soon)
    assert await documents.read([A], soon) == [Document(A, b"", written.version, expires_at=DUE)]


async def test_a_call_without_time_left_fails_at_once(documents: Documents) -> None:
    passed = Deadline.after(-1)
    for call in (
        documents.read([A], passed),
        documents.commit([Create(A, b"")], passed),
        documents.scan("things", passed),
        documents.due("things", passed, before=DUE),
    ):
        with pytest.raises(DeadlineExceeded):
            await call
    assert await documents.read([A], plenty()) == [None]
