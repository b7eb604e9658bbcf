"""What a dry run commits does not happen; what it reads is there."""

from datetime import UTC, datetime

from jobs.rebuild.read_only_documents import DryDocuments
from shared.embedded.memory_documents import MemoryDocuments
from shared.storage.documents import Create, Delete, Key
from tests.support.deadlines import plenty

KEY = Key("things", "1")


async def test_what_is_committed_is_forgotten_and_what_is_there_is_read() -> None:
    store, soon = MemoryDocuments(), plenty()
    await store.commit([Create(KEY, b"there", datetime(2026, 1, 1, tzinfo=UTC))], soon)
    dry = DryDocuments(store)
    written = await dry.commit([Delete(KEY), Create(Key("things", "2"), b"new")], soon)
    read = await dry.read([KEY, Key("things", "2")], soon)
    assert (len(written), [document and document.state for document in read]) == (2, [b"there", None])


async def test_scans_and_what_is_due_are_those_of_the_store() -> None:
    store, soon = MemoryDocuments(), plenty()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    await store.commit([Create(KEY, b"due", now), Create(Key("things", "2"), b"not due")], soon)
    dry = DryDocuments(store)
    assert await dry.scan("things", soon) == await store.scan("things", soon)
    assert await dry.due("things", soon, before=now) == await store.due("things", soon, before=now)
