"""The SQLite table of documents, and the statements that read and write them inside a transaction.

A table with row ids and a unique index beats one without: five reads of 2 kB in 18 µs against 40, since a long row in
an index spills over into further pages. Times are whole microseconds since 1970, UTC, so that they come back exactly.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from shared.errors import WriteConflict
from shared.storage.documents import Create, Delete, Document, Increment, Key, Write, Written
from shared.times import EPOCH, MICROSECOND, microseconds

_SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS documents (
        collection TEXT NOT NULL, id TEXT NOT NULL, state BLOB NOT NULL, version TEXT NOT NULL,
        count INTEGER NOT NULL DEFAULT 0, due_at INTEGER, expires_at INTEGER, UNIQUE (collection, id)
    ) STRICT
    """,
    "CREATE INDEX IF NOT EXISTS documents_due ON documents (collection, due_at, id) WHERE due_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS documents_expiring ON documents (expires_at) WHERE expires_at IS NOT NULL",
)
_SELECT = "SELECT collection, id, state, version, count, due_at, expires_at FROM documents "
_READ = _SELECT + "WHERE collection = ? AND id = ?"
_SCAN = _SELECT + "WHERE collection = ? AND id >= ? AND id > ? ORDER BY id LIMIT ?"
_DUE = _SELECT + "WHERE collection = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?"
_CREATE = (
    "INSERT INTO documents (state, version, due_at, expires_at, collection, id) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
_UPDATE = (
    "UPDATE documents SET state = ?, version = ?, due_at = ?, expires_at = ? "
    "WHERE collection = ? AND id = ? AND version = ?"
)
_INCREMENT = (
    "INSERT INTO documents (collection, id, state, version, count, expires_at) VALUES (?, ?, x'', ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET count = count + excluded.count, version = excluded.version, "
    "expires_at = coalesce(excluded.expires_at, expires_at) RETURNING count"
)
_DELETE = "DELETE FROM documents WHERE collection = ? AND id = ? AND version = coalesce(?, version)"
_PURGE = "DELETE FROM documents WHERE rowid IN (SELECT rowid FROM documents WHERE expires_at <= ? LIMIT ?)"


Row = tuple[str, str, bytes, str, int, int | None, int | None]


def prepare(connection: sqlite3.Connection) -> None:
    """Make the table and its indexes where they are missing."""
    for statement in _SCHEMA:
        connection.execute(statement)


def read(connection: sqlite3.Connection, keys: Sequence[Key]) -> list[Document | None]:
    """The documents at `keys`, in that order."""
    rows = (connection.execute(_READ, key).fetchone() for key in keys)
    return [None if row is None else _document(row) for row in rows]


def scan(connection: sqlite3.Connection, collection: str, prefix: str, after: str, limit: int) -> list[Document]:
    """Up to `limit` documents in order of id: SQLite compares text by its UTF-8 bytes, as Firestore does."""
    rows = connection.execute(_SCAN, (collection, prefix, after, limit)).fetchall()
    return [_document(row) for row in takewhile(lambda row: row[1].startswith(prefix), rows)]


def due(connection: sqlite3.Connection, collection: str, before: datetime, limit: int) -> list[Document]:
    """Up to `limit` documents due by `before`, the oldest first."""
    return [_document(row) for row in connection.execute(_DUE, (collection, _stored(before), limit)).fetchall()]


def purge(connection: sqlite3.Connection, now: datetime, limit: int) -> None:
    """Remove up to `limit` documents that expired by `now`."""
    connection.execute(_PURGE, (_stored(now), limit))


def apply(connection: sqlite3.Connection, write: Write, version: str) -> Written:
    """Do one write; raises `WriteConflict`, on which the caller rolls back, if its precondition does not hold."""
    if isinstance(write, Increment):
        added = (*write.key, version, write.by, _stored(write.expires_at))
        ((count,),) = connection.execute(_INCREMENT, added).fetchall()
        return Written(version, count)
    if isinstance(write, Delete):
        removed = connection.execute(_DELETE, (*write.key, write.version)).rowcount
        _expect(removed == 1 or write.version is None)
        return Written("")
    values = (write.state, version, _stored(write.due_at), _stored(write.expires_at), *write.key)
    if isinstance(write, Create):
        _expect(connection.execute(_CREATE, values).rowcount == 1)
    else:
        _expect(connection.execute(_UPDATE, (*values, write.version)).rowcount == 1)
    return Written(version)


def _expect(holds: bool) -> None:
    if not holds:
        raise WriteConflict("a document changed since it was read")


def _stored(time: datetime | None) -> int | None:
    return None if time is None else microseconds(time)


def _time(stored: int | None) -> datetime | None:
    return None if stored is None else EPOCH + stored * MICROSECOND


def _document(row: Row) -> Document:
    collection, id_, state, version, count, due_at, expires_at = row
    return Document(Key(collection, id_), state, version, count, _time(due_at), _time(expires_at))
