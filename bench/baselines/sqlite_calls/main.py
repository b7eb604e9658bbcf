"""The floor of a function on SQLite: the bare statements that read four documents and count three attempts."""

import itertools
import os
import sqlite3

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

_READ = (
    "SELECT collection, id, state, version, count, due_at, expires_at FROM documents WHERE collection = ? AND id = ?"
)
_COUNT = (
    "INSERT INTO documents (collection, id, state, version, count) VALUES ('attempts', ?, x'', '0', 1) "
    "ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count"
)
_connections: list[sqlite3.Connection] = []
_reads: "itertools.cycle[list[tuple[str, str]]]"


def _open() -> sqlite3.Connection:
    global _reads  # noqa: PLW0603 - opened with the connection, on the first request
    connection = sqlite3.connect(os.environ["SLACKER_BENCH_FILE"], isolation_level=None)
    for setting in ("journal_mode = WAL", "synchronous = NORMAL", "mmap_size = 268435456", "wal_autocheckpoint = 4000"):
        connection.execute(f"PRAGMA {setting}").fetchall()
    keys = connection.execute("SELECT collection, id FROM documents WHERE collection LIKE 'features_%'").fetchall()
    _reads = itertools.cycle([keys[start : start + 4] for start in range(0, len(keys) - 4, 4)])
    _connections.append(connection)
    return connection


@functions_framework.aio.http
async def sqlite_calls(_: Request) -> Response:
    """Read and count."""
    connection = _connections[0] if _connections else _open()
    keys = next(_reads)
    with connection:
        connection.execute("BEGIN")
        for key in keys:
            connection.execute(_READ, key).fetchone()
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for _collection, name in keys[:3]:
            connection.execute(_COUNT, (name,)).fetchall()
    return Response(b"{}", media_type="application/json")
