"""Every adapter of a port, one after the other, empty at the start of each test."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.storage.documents import Documents
from tests.support.deadlines import plenty


@pytest.fixture(params=["memory", "sqlite", "firestore"])
async def documents(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Documents]:
    """An empty store of documents."""
    store = _store(request, tmp_path)
    yield store
    await store.close()


def _store(request: pytest.FixtureRequest, directory: Path) -> Documents:
    if request.param == "memory":
        return MemoryDocuments()
    if request.param == "sqlite":
        return SqliteDocuments(directory / "documents.sqlite")
    from shared.gcp.firestore_documents import FirestoreDocuments  # noqa: PLC0415 - a second of imports

    # The emulator keeps the projects apart, and a project needs no making.
    return FirestoreDocuments(f"test-{uuid.uuid4().hex[:12]}", request.getfixturevalue("firestore_emulator"))


@pytest.fixture
def soon() -> Deadline:
    """Time enough for any call here."""
    return plenty()
