"""The stored state of a stand-in: JSON by kind and key in one SQLite file, each change committed at once."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import msgspec

_SCHEMA = """CREATE TABLE IF NOT EXISTS kept (
    kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key)) STRICT"""


class JsonStore:
    """The file at `path` (`None`: in memory); one process at a time has it."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.execute(_SCHEMA)
        self._values: dict[str, dict[str, Any]] = {}
        for kind, key, value in self._file.execute("SELECT kind, key, value FROM kept ORDER BY rowid"):
            self._values.setdefault(kind, {})[key] = msgspec.json.decode(value)

    def get(self, kind: str, key: str) -> Any:
        """What is stored there, or `None`; do not change it in place."""
        return self._values.get(kind, {}).get(key)

    def all(self, kind: str) -> dict[str, Any]:
        """Everything of a kind by key, the oldest first."""
        return dict(self._values.get(kind, {}))

    def count(self, kind: str) -> int:
        """How many there are of a kind."""
        return len(self._values.get(kind, {}))

    def put(self, kind: str, key: str, value: Any) -> None:
        """Store `value`, in the place of an older one."""
        self._file.execute(
            "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (kind, key, msgspec.json.encode(value)),
        )
        self._values.setdefault(kind, {})[key] = value

    def remove(self, kind: str, key: str) -> None:
        """Remove what is stored there, if anything is."""
        self._file.execute("DELETE FROM kept WHERE kind = ? AND key = ?", (kind, key))
        self._values.get(kind, {}).pop(key, None)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def store_of(name: str) -> JsonStore:
    """The store of a stand-in of the stack whose state is in SLACKER_STATE."""
    return JsonStore(Path(os.environ.get("SLACKER_STATE") or ".slacker") / "stand_ins" / f"{name}.sqlite")
