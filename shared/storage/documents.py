"""The documents port: read many, then commit all or nothing under compare-and-set.

There are no interactive transactions. A reader gets each document with its version; a writer says which version it
replaces, and a commit whose precondition no longer holds changes nothing and raises `WriteConflict`, to be folded
again. State is opaque bytes: what is queried stands beside it (`due_at`), what a backend adds up by itself is `count`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from shared.deadline import Deadline
from shared.errors import Invalid, Problem

MAX_WRITES = 500
"""Writes in one commit (Firestore's own limit for a commit with preconditions)."""

MAX_STATE_BYTES = 1_000_000
"""Bytes of one state: Firestore's 1 MiB per document, less room for the name and the other fields."""

MAX_ID_BYTES = 500
"""Bytes of an id: well below Firestore's 1,500, so that an id with a prefix is still one."""

_ID = re.compile(r"(?!\.\.?\Z)(?!__.*__\Z)[^/\ud800-\udfff]+", re.DOTALL)


class Key(NamedTuple):
    """Names one document. `id` is 1 to 500 bytes, without `/`, and not `.`, `..` or `__…__` (Firestore's rule)."""

    collection: str
    id: str


class Document(msgspec.Struct, frozen=True):
    """A document as read; times are aware UTC, to the microsecond.

    `version` is opaque and never comes back for another content. (Firestore keeps it where a write changed nothing.)
    An expired document is still read until its backend gets round to removing it, which may take a day.
    """

    key: Key
    state: bytes
    version: str
    count: int = 0
    due_at: datetime | None = None
    expires_at: datetime | None = None


class Create(msgspec.Struct, frozen=True):
    """Write a document that must not exist yet."""

    key: Key
    state: bytes
    due_at: datetime | None = None
    expires_at: datetime | None = None


class Update(msgspec.Struct, frozen=True):
    """Replace a document that must still be at `version`: its state and times; its count stays."""

    key: Key
    version: str
    state: bytes
    due_at: datetime | None = None
    expires_at: datetime | None = None


class Increment(msgspec.Struct, frozen=True):
    """Add `by` to a document's count, creating it with an empty state if need be; never conflicts.

    State and `due_at` stay as they are, and so does `expires_at` where none is given.
    """

    key: Key
    by: int = 1
    expires_at: datetime | None = None


class Delete(msgspec.Struct, frozen=True):
    """Remove a document; with a `version` it must still be at that one, without it need not exist."""

    key: Key
    version: str | None = None


Write = Create | Update | Increment | Delete


def put(
    document: Document | None,
    key: Key,
    state: bytes,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Write:
    """The write that puts `state` in the place of what was read at `key`: a create, or an update of its version."""
    if document is None:
        return Create(key, state, due_at, expires_at)
    return Update(key, document.version, state, due_at, expires_at)


def reschedule(document: Document, due_at: datetime | None, expires_at: datetime | None) -> Update:
    """The write that leaves a document's state as it was read and gives it other times."""
    return Update(document.key, document.version, document.state, due_at, expires_at)


class Written(msgspec.Struct, frozen=True):
    """What one write led to: the document's new version (empty after a delete) and, after an increment, its count."""

    version: str
    count: int = 0


class Documents(Protocol):
    """The store of documents. Every call raises `DeadlineExceeded` or `Unavailable` when it cannot be done in time."""

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        """The documents at `keys`, in that order, `None` where there is none; one round trip."""
        ...

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        """All of `writes` or none. Raises `WriteConflict` if a precondition fails, `Invalid` beyond the limits above.

        After `DeadlineExceeded` or `Unavailable` the writes may have happened: read before doing them again.
        """
        ...

    async def scan(
        self, collection: str, deadline: Deadline, *, prefix: str = "", after: str = "", limit: int = 100
    ) -> list[Document]:
        """Up to `limit` documents in order of id, those whose id starts with `prefix` and sorts behind `after`."""
        ...

    async def due(self, collection: str, deadline: Deadline, *, before: datetime, limit: int = 100) -> list[Document]:
        """Up to `limit` documents with `due_at` at or before `before`, the oldest first."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


def check_keys(keys: Iterable[Key]) -> None:
    """Raise `Invalid` for an id that no backend would take; every adapter calls it before it reads."""
    for key in keys:
        # The length in bytes is only counted where it can differ from the length in characters.
        too_long = len(key.id if key.id.isascii() else key.id.encode("utf-8", "replace")) > MAX_ID_BYTES
        if too_long or _ID.fullmatch(key.id) is None:
            raise Invalid(
                Problem(key.collection, f"an id is 1 to {MAX_ID_BYTES} bytes, no `/`, not `.`, `..` or `__…__`")
            )


def check_limits(writes: Sequence[Write]) -> None:
    """Raise `Invalid` for a commit no backend would take; every adapter calls it before it commits."""
    check_keys(write.key for write in writes)
    if len(writes) > MAX_WRITES:
        raise Invalid(Problem("writes", f"at most {MAX_WRITES} in one commit, not {len(writes)}"))
    seen: set[Key] = set()
    for write in writes:
        if write.key in seen:
            raise Invalid(Problem(write.key.collection, "one commit writes a document once"))
        seen.add(write.key)
        if isinstance(write, Create | Update) and len(write.state) > MAX_STATE_BYTES:
            raise Invalid(Problem(write.key.collection, f"a state is at most {MAX_STATE_BYTES} bytes"))
