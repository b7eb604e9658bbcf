"""What was sent to a client, what was not, and why: one document per client, which also keeps what waits from being
lost and what was done from being done twice.

It holds no text and no address. What waits is held as it came, variables and all, until it is sent or given up.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from shared.attempts.attempt import Attempt, State
from shared.privacy import DataClass
from shared.storage.codec import msgpack_codec
from shared.storage.collection import ByKey, Collection
from shared.storage.documents import Document, Key, Write

RETENTION = timedelta(days=90)
"""How long an entry is kept after its last change."""

HISTORIES = Collection(
    "notification_history",
    "{client token}",
    "push_notification",
    DataClass.PERSONAL,
    RETENTION,
    "what was sent to a client, what was not and why, without texts; and, while they wait, commands as they came",
    (ByKey(),),
)
COLLECTION = HISTORIES.name

MAX_ENTRIES = 400
"""Entries of a client; beyond that the oldest that are final go first."""

MAX_WAITING = 25
"""Entries of a client that wait at once, each with its command of at most 8 kB."""


class Status(StrEnum):
    """Where a notification stands."""

    SENDING = "sending"
    """Somebody has begun: until its lease ends nobody else does."""

    WAITING = "waiting"
    """To be tried again at `until`, or without that when Pub/Sub delivers it again."""

    SENT = "sent"
    """Somebody took it, to be delivered."""

    SUPPRESSED = "suppressed"
    """It may not, or need not, be sent."""

    UNDELIVERABLE = "undeliverable"
    """There is no way to this client, or it was refused for good."""

    AMBIGUOUS = "ambiguous"
    """It may have been sent: it is not sent again."""

    REFUSED = "refused"
    """It breaks its template or holds what must not leave: it is in the dead letters."""

    EXPIRED = "expired"
    """Its time passed before it could be sent, or too many of its client's waited already."""

    DRY_RUN = "dry_run"
    """It would have been sent."""


OPEN = frozenset((Status.SENDING, Status.WAITING))
"""Not final."""

_STATUSES = {
    State.CLAIMED: Status.SENDING,
    State.PARKED: Status.WAITING,
    State.DONE: Status.SENT,
    State.REFUSED: Status.UNDELIVERABLE,
    State.EXPIRED: Status.EXPIRED,
    State.UNKNOWN: Status.AMBIGUOUS,
}

STATES: Mapping[Status, State] = {status: state for state, status in _STATUSES.items()} | {
    Status.DRY_RUN: State.DONE,
    Status.SUPPRESSED: State.REFUSED,
    Status.REFUSED: State.REFUSED,
}
"""What a status means for the attempts at a notification."""


class HistoryEntry(msgspec.Struct, frozen=True, array_like=True):
    """One notification. `until` is when a lease ends, or a wait; `content` the digest of what is said by which channel;
    `done` are the devices that have it, by the digests of their addresses; `command` is there while it waits; `doubts`
    says how often a push ended unknown.
    """

    id: str
    digest: bytes
    template: str
    category: str
    channel: str
    status: Status
    at: datetime
    changed_at: datetime
    reason: str = ""
    until: datetime | None = None
    content: bytes = b""
    collapse: str = ""
    subject: str = ""
    language: str = ""
    references: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    command: bytes = b""
    doubts: int = 0

    @property
    def final(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.status not in OPEN

    @property
    def awaits_redelivery(self) -> bool:
        """Whether it waits for its message to be delivered again, and for no time."""
        return self.status is Status.WAITING and self.until is None

    def attempt(self, not_after: datetime) -> Attempt:
        """Where the attempts at it stand; `not_after` is its command's."""
        return Attempt(
            state=STATES[self.status],
            digest=self.digest,
            accepted_at=self.at,
            not_after=not_after,
            until=self.until,
            code=self.reason,
        )

    def with_attempt(self, attempt: Attempt, now: datetime, command: bytes) -> "HistoryEntry":
        """The same entry, changed at `now` to where the attempts stand then; `command` is kept while it waits for a
        time, and not while its message is still to be delivered again.
        """
        waits = attempt.state is State.PARKED and attempt.until is not None
        return changed(self, _STATUSES[attempt.state], now, attempt.code, attempt.until, command if waits else b"")


def changed(
    entry: HistoryEntry,
    status: Status,
    now: datetime,
    reason: str = "",
    until: datetime | None = None,
    command: bytes = b"",
) -> HistoryEntry:
    """`entry` in another status, why, and until when."""
    return msgspec.structs.replace(entry, status=status, changed_at=now, reason=reason, until=until, command=command)


class History(msgspec.Struct, frozen=True, array_like=True, tag_field="format", tag=1):
    """The state of a client's document, in MessagePack; entries in the order in which they came."""

    entries: tuple[HistoryEntry, ...] = ()

    def find(self, id_: str) -> HistoryEntry | None:
        """The entry of that command."""
        return next((entry for entry in self.entries if entry.id == id_), None)

    def with_(self, *changed: HistoryEntry) -> "History":
        """With these entries, in the place of those of their ids."""
        by_id = {entry.id: entry for entry in self.entries} | {entry.id: entry for entry in changed}
        return History(entries=tuple(by_id.values()))

    def waiting(self) -> Iterable[HistoryEntry]:
        """Those that wait."""
        return (entry for entry in self.entries if entry.status is Status.WAITING)


class StoredHistory(msgspec.Struct, frozen=True):
    """A history as it was read, to be written in the place of that."""

    key: Key
    document: Document | None
    history: History

    def written(self, history: History, now: datetime) -> Write:
        """The write that puts `history` there: without what is too old, due when the first that waits is."""
        due = min((entry.until for entry in history.waiting() if entry.until is not None), default=None)
        return CODEC.put(self.document, self.key, _pruned(history, now), due_at=due, expires_at=now + RETENTION)


CODEC = msgpack_codec(HISTORIES, History, "a history of notifications")


def key(client: str) -> Key:
    """Where that of a client is, by the client's token."""
    return CODEC.key(client)


def read(key_: Key, document: Document | None) -> StoredHistory:
    """The history in a document, an empty one without; raises `Damaged`."""
    return StoredHistory(key_, document, CODEC.decode(document) if document is not None else History())


def _pruned(history: History, now: datetime) -> History:
    kept = [entry for entry in history.entries if entry.changed_at > now - RETENTION]
    surplus = {entry.id for entry in [entry for entry in kept if entry.final][: max(0, len(kept) - MAX_ENTRIES)]}
    return History(entries=tuple(entry for entry in kept if entry.id not in surplus))
