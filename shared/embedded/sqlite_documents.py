"""The documents port in one SQLite file that several processes of one machine share.

Every call is one short transaction on the event loop's own thread. Measured, a read of five documents of 2 kB with an
increment took 90 µs from eight tasks. A writer thread that commits all that is queued in one transaction, with a
savepoint for each, took 550, as the interpreter's lock changes hands at every step; the same grouping on the loop took
87, and six times as long at the median. So there is no thread and no queue, and a call that its caller has abandoned
has either happened or never started.

A commit outlives a process that is killed, but not always a power cut: that is `synchronous=NORMAL`.
"""

import os
import random
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.embedded import sqlite_rows
from shared.errors import DeadlineExceeded, Misconfigured, Unavailable
from shared.storage.documents import Document, Key, Write, Written, check_keys, check_limits

T = TypeVar("T")

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.000_2, 0.010  # seconds; a transaction holds the lock for some 30 µs
_COMMITS_PER_PURGE = 1024
_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    # Another process's commit empties this one's page cache; mapped pages stay: five reads in 18 µs instead of 70.
    "PRAGMA mmap_size = 268435456",
    # A checkpoint stops the loop for 5 to 20 ms: at 16 MB of log 1 commit in 1,200 pays, at SQLite's own 4 MB 1 in 300.
    "PRAGMA wal_autocheckpoint = 4000",
)


class SqliteDocuments:
    """Implements `shared.storage.documents.Documents` in the file at `path`, made on first use, for one event loop."""

    def __init__(self, path: Path, clock: Clock = SYSTEM) -> None:
        self._path = path
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._commits = 0

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        """See the port."""
        check_keys(keys)
        return await self._transaction("BEGIN", lambda rows: sqlite_rows.read(rows, keys), deadline)

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        """See the port."""
        check_limits(writes)
        # Random rather than counted, so that a document deleted and made anew never has an old version again.
        version = os.urandom(8).hex()

        def work(connection: sqlite3.Connection) -> list[Written]:
            written = [sqlite_rows.apply(connection, write, version) for write in writes]
            self._commits += 1
            if self._commits % _COMMITS_PER_PURGE == 0:
                sqlite_rows.purge(connection, self._clock.now(), limit=2 * _COMMITS_PER_PURGE)
            return written

        return await self._transaction("BEGIN IMMEDIATE", work, deadline)

    async def scan(
        self, collection: str, deadline: Deadline, *, prefix: str = "", after: str = "", limit: int = 100
    ) -> list[Document]:
        """See the port."""
        return await self._transaction(
            "BEGIN", lambda connection: sqlite_rows.scan(connection, collection, prefix, after, limit), deadline
        )

    async def due(self, collection: str, deadline: Deadline, *, before: datetime, limit: int = 100) -> list[Document]:
        """See the port."""
        return await self._transaction(
            "BEGIN", lambda connection: sqlite_rows.due(connection, collection, before, limit), deadline
        )

    async def close(self) -> None:
        """See the port."""
        self._drop()

    async def _transaction(self, begin: str, work: Callable[[sqlite3.Connection], T], deadline: Deadline) -> T:
        """What `work` gives inside one transaction, tried again while another process holds the lock."""
        pause = _FIRST_PAUSE
        while not deadline.passed():
            try:
                connection = self._connection or self._open()
                with connection:
                    connection.execute(begin)
                    return work(connection)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _BUSY:
                    self._drop()  # so that the next call opens whatever file is there by then
                    raise Unavailable(f"{self._path} cannot be used as a store of documents") from error
            # SQLite's own waiting would block the event loop, so its timeout is zero, and the loop waits.
            await deadline.sleep(random.uniform(0, pause))  # noqa: S311 - jitter
            pause = min(2 * pause, _LONGEST_PAUSE)
        raise DeadlineExceeded("no time was left for the documents")

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"{self._path.parent} cannot be made: set SLACKER_STATE to a directory") from error
        connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            for setting in _SETTINGS:
                connection.execute(setting).fetchall()
            sqlite_rows.prepare(connection)
            sqlite_rows.purge(connection, self._clock.now(), limit=2 * _COMMITS_PER_PURGE)
        except sqlite3.Error:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
