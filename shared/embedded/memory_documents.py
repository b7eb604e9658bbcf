"""The documents port in a dictionary of one process: nothing expires, and no call waits."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, WriteConflict
from shared.storage.documents import (
    Create,
    Delete,
    Document,
    Increment,
    Key,
    Update,
    Write,
    Written,
    check_keys,
    check_limits,
)


class MemoryDocuments:
    """Implements `shared.storage.documents.Documents`."""

    def __init__(self) -> None:
        self._documents: dict[Key, Document] = {}
        self._commits = count(1)

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        """See the port."""
        _check(deadline)
        check_keys(keys)
        return [self._documents.get(key) for key in keys]

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        """See the port."""
        check_limits(writes)
        _check(deadline)
        for write in writes:
            if not self._allows(write):
                raise WriteConflict("a document changed since it was read")
        version = str(next(self._commits))
        return [self._apply(write, version) for write in writes]

    async def scan(
        self, collection: str, deadline: Deadline, *, prefix: str = "", after: str = "", limit: int = 100
    ) -> list[Document]:
        """See the port."""
        _check(deadline)
        matching = (
            document
            for key, document in self._documents.items()
            if key.collection == collection and key.id.startswith(prefix) and key.id > after
        )
        return sorted(matching, key=lambda document: document.key.id)[:limit]

    async def due(self, collection: str, deadline: Deadline, *, before: datetime, limit: int = 100) -> list[Document]:
        """See the port."""
        _check(deadline)
        due = (
            (document.due_at, key.id, document)
            for key, document in self._documents.items()
            if key.collection == collection and document.due_at is not None and document.due_at <= before
        )
        return [document for _, _, document in sorted(due, key=lambda entry: entry[:2])[:limit]]

    async def close(self) -> None:
        """Nothing is open."""

    def _allows(self, write: Write) -> bool:
        present = self._documents.get(write.key)
        if isinstance(write, Create):
            return present is None
        if isinstance(write, Increment) or write.version is None:
            return True
        return present is not None and present.version == write.version

    def _apply(self, write: Write, version: str) -> Written:
        if isinstance(write, Delete):
            self._documents.pop(write.key, None)
            return Written("")
        present = self._documents.get(write.key)
        if isinstance(write, Increment):
            document = _incremented(present or Document(write.key, b"", version), write, version)
            self._documents[write.key] = document
            return Written(version, document.count)
        kept = present.count if isinstance(write, Update) and present is not None else 0
        self._documents[write.key] = Document(
            write.key, write.state, version, kept, due_at=write.due_at, expires_at=write.expires_at
        )
        return Written(version)


def _incremented(document: Document, write: Increment, version: str) -> Document:
    expires_at = write.expires_at if write.expires_at is not None else document.expires_at
    count = document.count + write.by
    return Document(document.key, document.state, version, count, document.due_at, expires_at)


def _check(deadline: Deadline) -> None:
    if deadline.passed():
        raise DeadlineExceeded("no time was left for the documents")
