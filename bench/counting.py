"""Pushes to a function in this process, whose documents are counted: what one costs without the server's part."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from starlette.requests import Request

from bench import pushes
from shared.composition.entry_point import EntryPoint
from shared.deadline import Deadline
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.storage.documents import Document, Key, Write, Written

CONNECTIONS = 64
"""Pushes at a time: such a function is deployed with a high concurrency, for its groups to be worth it."""


class Counting(SqliteDocuments):
    """Counts what is read and written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.reads, self.writes = 0, 0

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        """See the port."""
        self.reads += len(keys)
        return await super().read(keys, deadline)

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        """See the port."""
        self.writes += len(writes)
        return await super().commit(writes, deadline)


async def push(entry: EntryPoint, bodies: Iterator[bytes]) -> None:
    """Push all bodies; raises `RuntimeError` if one is not acknowledged."""

    async def worker() -> None:
        for body in bodies:
            response = await entry(handed_over(pushes.headers(), body))
            if response.status_code != 204:
                raise RuntimeError(f"a push was answered with {response.status_code}")

    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))


def handed_over(headers: list[tuple[bytes, bytes]], body: bytes) -> Request:
    """A POST to / as functions-framework passes it on."""

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}, receive)
