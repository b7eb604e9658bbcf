"""Documents that can be read and are never written, for a dry run."""

from collections.abc import Sequence
from datetime import datetime

from shared.deadline import Deadline
from shared.storage.documents import Document, Documents, Key, Write, Written


class DryDocuments:
    """Implements `shared.storage.documents.Documents` over others: reads pass through, commits are dropped."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        """See the port."""
        return await self._documents.read(keys, deadline)

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:  # noqa: ARG002 - the port's
        """Write nothing, and answer as if all had been written."""
        return [Written("") for _ in writes]

    async def scan(
        self, collection: str, deadline: Deadline, *, prefix: str = "", after: str = "", limit: int = 100
    ) -> list[Document]:
        """See the port."""
        return await self._documents.scan(collection, deadline, prefix=prefix, after=after, limit=limit)

    async def due(self, collection: str, deadline: Deadline, *, before: datetime, limit: int = 100) -> list[Document]:
        """See the port."""
        return await self._documents.due(collection, deadline, before=before, limit=limit)

    async def close(self) -> None:
        """See the port."""
        await self._documents.close()
