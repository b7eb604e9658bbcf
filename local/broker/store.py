"""The broker's file: SQLite, each message once, and a row for each subscription that still has to deliver it.

A commit survives `kill -9`; a power cut can lose the last ones (`synchronous=NORMAL`: a commit takes some 50 µs instead
of the disk's 1 to 10 ms). One process at a time has the file.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.broker.stored_message import StoredMessage
from shared.errors import Misconfigured

_SETTINGS = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA wal_autocheckpoint = 4000",  # pages, 16 MB
)
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS subscriptions (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    """
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY, data BLOB NOT NULL, attributes BLOB NOT NULL, ordering_key TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS deliveries (
        subscription INTEGER NOT NULL, message INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (subscription, message)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS deliveries_of_message ON deliveries (message)",
    "CREATE INDEX IF NOT EXISTS deliveries_refused ON deliveries (subscription, attempts) WHERE attempts > 0",
)
_INSERT = "INSERT INTO messages (id, data, attributes, ordering_key) VALUES (?, ?, ?, ?)"
_DELIVER = "INSERT INTO deliveries (subscription, message) VALUES (?, ?)"
_COUNT = "UPDATE deliveries SET attempts = ? WHERE subscription = ? AND message = ?"
_SETTLE = "DELETE FROM deliveries WHERE subscription = ? AND message = ?"
_FORGET = "DELETE FROM messages WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message = ?1)"
_LOAD = (
    "SELECT id, data, attributes, ordering_key, attempts FROM deliveries JOIN messages ON id = message "
    "WHERE subscription = ? AND message > ? ORDER BY message LIMIT ?"
)
_BACKLOG = "SELECT count(*) FROM deliveries WHERE subscription = ?"
_MAX_ATTEMPTS = "SELECT max(attempts) FROM deliveries WHERE subscription = ? AND attempts > 0"
_OLDEST = "SELECT min(message) FROM deliveries WHERE subscription = ?"


@dataclass(slots=True)
class Changes:
    """What one commit writes; subscriptions by name.

    `published` are messages with the subscriptions that get them, `attempts` refusals so far of (subscription,
    message id), `settled` deliveries that are over.
    """

    published: list[tuple[StoredMessage, Sequence[str]]] = field(default_factory=list)
    attempts: dict[tuple[str, int], int] = field(default_factory=dict)
    settled: list[tuple[str, int]] = field(default_factory=list)


class Store:
    """The open file. Raises `sqlite3.Error` where the disk fails; then nothing of that commit was written."""

    def __init__(self, path: Path, subscriptions: Iterable[str]) -> None:
        """Open or make it; raises `Misconfigured` when another broker has it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise Misconfigured(f"{path} cannot be opened") from error
        try:
            self._numbers = self._prepare(subscriptions)
        except sqlite3.Error as error:
            self._connection.close()
            raise Misconfigured(f"{path} is another broker's, or no broker's file at all") from error

    def _prepare(self, subscriptions: Iterable[str]) -> Mapping[str, int]:
        for statement in _SETTINGS:
            self._connection.execute(statement).fetchall()
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                self._connection.execute(statement)
            for name in subscriptions:
                self._connection.execute("INSERT INTO subscriptions (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
            return dict(self._connection.execute("SELECT name, id FROM subscriptions").fetchall())

    def commit(self, changes: Changes) -> None:
        """Write all of it or nothing."""
        number = self._numbers
        rows = [
            (message.id, message.data, message.attributes, message.ordering_key) for message, _ in changes.published
        ]
        due = [(number[name], message.id) for message, names in changes.published for name in names]
        attempts = [(count, number[name], id_) for (name, id_), count in changes.attempts.items()]
        settled = [(number[name], id_) for name, id_ in changes.settled]
        with self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, rows)
            connection.executemany(_DELIVER, due)
            connection.executemany(_COUNT, attempts)
            connection.executemany(_SETTLE, settled)
            connection.executemany(_FORGET, [(id_,) for _, id_ in settled])

    def load(self, subscription: str, after: int, limit: int) -> list[tuple[StoredMessage, int]]:
        """Up to `limit` messages still to be delivered with ids above `after`, in that order, and their attempts."""
        rows = self._connection.execute(_LOAD, (self._numbers[subscription], after, limit)).fetchall()
        return [(StoredMessage(*row[:4]), row[4]) for row in rows]

    def last_id(self) -> int:
        """The highest id in the file, or 0."""
        return self._connection.execute("SELECT max(id) FROM messages").fetchone()[0] or 0

    def backlog(self, subscription: str) -> int:
        """How many messages are still to be delivered."""
        count: int = self._connection.execute(_BACKLOG, (self._numbers[subscription],)).fetchone()[0]
        return count

    def oldest(self, subscription: str) -> int | None:
        """The lowest id still to be delivered."""
        oldest: int | None = self._connection.execute(_OLDEST, (self._numbers[subscription],)).fetchone()[0]
        return oldest

    def most_attempts(self, subscription: str) -> int:
        """How often the most refused message of the backlog was refused."""
        return self._connection.execute(_MAX_ATTEMPTS, (self._numbers[subscription],)).fetchone()[0] or 0

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
