"""The ledger of commands: one entry per accepted id, which says where that command stands, and until when it stays so.

While a command is not final, and until its dead letter is published, the entry holds the envelope and has a time at
which somebody must look at it (`due_at`): whatever dies, the command comes back from here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from shared.attempts.attempt import Attempt, State
from shared.attempts.claim import after_lost_lease, end
from shared.commands.command import Command
from shared.commands.status import FINAL, CommandStatus
from shared.errors import Conflict, Unavailable
from shared.privacy import DataClass
from shared.storage.codec import msgpack_codec
from shared.storage.collection import ByField, Collection
from shared.storage.documents import Document, Key, Write

RETENTION = timedelta(days=90)
"""How long a final entry is kept, and so how late its id is still known; Pub/Sub keeps a message 31 days at most. A
dead letter's stays until somebody settles that: it says whether the command may have been done.
"""

COMMANDS = Collection(
    "commands",
    "{command id}",
    "command_dispatch",
    DataClass.PERSONAL,
    RETENTION,
    "where a command stands and since when; until it is final, the command itself; a dead letter is kept "
    "until it is settled",
    (ByField("envelope.payload.client_id", "id"), ByField("envelope.payload.client_id", "token")),
)
COLLECTION = COMMANDS.name

SWEEP_DELAY = timedelta(minutes=1)
"""How long after a lease, or a letter that was not published, scheduled work waits for the message to come again."""

REDELIVERED = "redelivered"
"""The code of a parked command that was refused: its message is still with Pub/Sub, which delivers it again."""

NOT_DELIVERED, REDRIVEN = "not_delivered", "redriven"
"""The codes of a dead letter that Pub/Sub itself gave up, and of one that is to be tried again."""

_REDELIVERED_WITHIN = timedelta(minutes=15)  # a little longer than Pub/Sub's longest backoff


_DEAD_LETTERS = (CommandStatus.DEAD_LETTERED, CommandStatus.DISCARDED)

STATES: Mapping[CommandStatus, State] = {
    CommandStatus.CLAIMED: State.CLAIMED,
    CommandStatus.PARKED: State.PARKED,
    CommandStatus.DONE: State.DONE,
    CommandStatus.REFUSED: State.REFUSED,
    CommandStatus.EXPIRED: State.EXPIRED,
    CommandStatus.AMBIGUOUS: State.UNKNOWN,
    CommandStatus.DEAD_LETTERED: State.REFUSED,
    CommandStatus.DISCARDED: State.REFUSED,
}
"""What a status means for the attempts at a command."""

_STATUSES = {state: status for status, state in STATES.items() if status not in _DEAD_LETTERS}


class Entry(msgspec.Struct, frozen=True, array_like=True, tag_field="format", tag=1):
    """The state; times are aware UTC.

    `digest` is of what is to be done (`Command.digest`). `attempts` counts claims. `until` is the end of a claim's
    lease, or the time before which a parked command is not tried. `outcome_unknown_since` is the latest time at which
    an earlier attempt may have done it, where one may have. `code` says why it is parked or final, `reason` and `field`
    what a dead letter says; `dead_letter_pending` that this is still to be published. `operation` reads
    `name.id.attempt`.
    """

    type: str
    status: CommandStatus
    digest: bytes
    envelope: bytes
    not_after: datetime
    accepted_at: datetime
    changed_at: datetime
    until: datetime
    attempts: int = 0
    outcome_unknown_since: datetime | None = None
    code: str = ""
    result: dict[str, str] = {}
    reason: str = ""
    field: str = ""
    dead_letter_pending: bool = False
    operation: str = ""

    @property
    def final(self) -> bool:
        """Whether nothing goes on by itself."""
        return self.status in FINAL

    @property
    def uncertain(self) -> bool:
        """Whether an attempt may have done it that nobody heard the end of."""
        return self.outcome_unknown_since is not None

    @property
    def attempt(self) -> Attempt:
        """Where the attempts at it stand."""
        return Attempt(
            state=STATES[self.status],
            digest=self.digest,
            accepted_at=self.accepted_at,
            not_after=self.not_after,
            until=self.until,
            outcome_unknown_since=self.outcome_unknown_since,
            code=self.code,
        )

    def with_attempt(self, attempt: Attempt, now: datetime, status: CommandStatus | None = None) -> "Entry":
        """The same entry, changed at `now` to where the attempts stand then; `status` where that says more.

        A final entry has no need of its envelope, but for a dead letter that is still to be published.
        """
        final = attempt.state.final and not self.dead_letter_pending
        return msgspec.structs.replace(
            self,
            status=status or _STATUSES[attempt.state],
            envelope=b"" if final else self.envelope,
            changed_at=now,
            until=attempt.until or now,
            outcome_unknown_since=attempt.outcome_unknown_since,
            code=attempt.code,
        )


CODEC = msgpack_codec(COMMANDS, Entry, "an entry of the ledger")


def key(command_id: str) -> Key:
    """Where a command's entry stands."""
    return CODEC.key(command_id)


def read(document: Document) -> Entry:
    """The entry in a document; raises `Damaged`."""
    return CODEC.decode(document)


def write(name: Key, document: Document | None, entry: Entry) -> Write:
    """The write that puts `entry` in the place of what was read."""
    due_at = _due_at(entry)
    settled = due_at is None and entry.status is not CommandStatus.DEAD_LETTERED
    return CODEC.put(document, name, entry, due_at=due_at, expires_at=entry.changed_at + RETENTION if settled else None)


def accepted(command: Command, digest: bytes, now: datetime, envelope: bytes = b"") -> Entry:
    """The entry of a command that nobody has heard of before: it waits to be claimed. `envelope` is how it came."""
    operation = command.operation
    return Entry(
        type=command.type,
        status=CommandStatus.PARKED,
        digest=digest,
        envelope=envelope or command.encoded(),
        not_after=command.not_after,
        accepted_at=now,
        changed_at=now,
        until=now,
        operation=operation.key if operation else "",
    )


def dead_lettered(document: Document | None, command: Command, now: datetime) -> Write | None:
    """What a letter leads to that Pub/Sub itself gave up; `None` where the entry is past that already.

    Raises `Unavailable` while somebody is doing the command: how that ends is not known yet.
    """
    digest, entry = command.digest(), read(document) if document is not None else None
    if entry is None:
        entry = accepted(command, digest, now)
    elif entry.final or entry.digest != digest:
        return None
    elif entry.status is CommandStatus.CLAIMED and entry.until > now:
        raise Unavailable("the command is being done")
    attempt = end(after_lost_lease(entry.attempt), State.REFUSED, NOT_DELIVERED)
    return write(key(command.id), document, entry.with_attempt(attempt, now, CommandStatus.DEAD_LETTERED))


def reopened(document: Document | None, command: Command, now: datetime, due_at: datetime | None = None) -> Write:
    """What makes a dead letter a command again: to be tried from `due_at` on, or at once, as `command` says it now.

    It may differ from the one that failed in everything but its id. Raises `Conflict` for an entry that is no dead
    letter, or whose letter has not been published yet.
    """
    until = due_at or now
    fresh = msgspec.structs.replace(accepted(command, command.digest(), now), until=until)
    if document is None:
        return write(key(command.id), document, fresh)
    entry = _letter(document)
    kept = {
        "attempts": entry.attempts,
        "outcome_unknown_since": entry.outcome_unknown_since,
        "accepted_at": entry.accepted_at,
    }
    return write(key(command.id), document, msgspec.structs.replace(fresh, code=REDRIVEN, **kept))


def discarded(document: Document | None, now: datetime) -> Write | None:
    """What gives a dead letter up; `None` where there is no entry. Raises `Conflict` as `reopened` does."""
    if document is None:
        return None
    entry = _letter(document)
    attempt = end(entry.attempt, State.REFUSED, entry.code)
    return write(document.key, document, entry.with_attempt(attempt, now, CommandStatus.DISCARDED))


def _letter(document: Document) -> Entry:
    entry = read(document)
    if entry.status is not CommandStatus.DEAD_LETTERED or entry.dead_letter_pending:
        raise Conflict(f"the command is no dead letter: it is {entry.status}")
    return entry


def _due_at(entry: Entry) -> datetime | None:
    if entry.status is CommandStatus.CLAIMED or entry.dead_letter_pending:
        return entry.until + SWEEP_DELAY
    if entry.status is CommandStatus.PARKED:
        return entry.until + _REDELIVERED_WITHIN if entry.code == REDELIVERED else entry.until
    return None
