"""Who may do a command now: an entry of the ledger, and a delivery that claims it, lead to the entry as it is then and
to what the delivery's receiver has to do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from msgspec.structs import replace

from shared.commands.command import Command
from shared.commands.ledger import Entry, accepted, lapsed
from shared.commands.status import Status

LEASE = timedelta(seconds=20)
"""How long a claim holds, from the delivery's arrival: whoever has it gives up after nine seconds, by a clock that may
be some seconds off.
"""

OFF_FOR = timedelta(minutes=1)
"""How long a command is parked by a kill switch, before the switch is looked at again."""

SETTLED_FOR = timedelta(days=1)
"""How long after its `not_after` a command that may have been done is still looked into."""

OFF, SETTLING, EXPIRED, NOT_SETTLED = "switched_off", "settling", "too_late", "not_settled"


class Turn(Enum):
    """What the receiver has to do."""

    PERFORM = auto()
    """The claim is granted: do the command."""

    WAIT = auto()
    """Somebody is doing it: refuse the delivery, so that it comes again should they not come to an end."""

    LEAVE = auto()
    """There is nothing to do: acknowledge."""

    TELL = auto()
    """It has just been parked, or has come to an end, without being begun: say so, and acknowledge."""

    BURY = auto()
    """Its dead letter is still to be published."""

    CONFLICT = auto()
    """The id is another command's: a dead letter, and the entry stays as it is."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery's claim on a command: `envelope` is the message's body, `digest` the command's, `settling` the
    handler's, `now` when it arrived.
    """

    command: Command
    envelope: bytes
    digest: bytes
    now: datetime
    settling: timedelta


def claim(entry: Entry | None, wanted: Claim, on: bool) -> tuple[Entry, Turn]:
    """The entry as it is then, and whose turn it is; `on` says whether the kill switches let the command through."""
    now = wanted.now
    if entry is None:
        entry = accepted(wanted.command, wanted.digest, now, wanted.envelope)
    elif entry.digest != wanted.digest:
        return entry, Turn.CONFLICT
    elif entry.letter:
        return entry, Turn.BURY
    elif entry.final:
        return entry, Turn.LEAVE
    elif now < entry.until:
        return entry, Turn.WAIT if entry.status is Status.CLAIMED else Turn.LEAVE
    return _begin(lapsed(entry), now, wanted.settling, on)


def _begin(entry: Entry, now: datetime, settling: timedelta, on: bool) -> tuple[Entry, Turn]:
    """Begin a command that nobody else is at, unless it is too late, or must not be."""
    begun = replace(entry, changed_at=now, code="")
    if now > entry.not_after and not entry.uncertain:
        return replace(begun, status=Status.EXPIRED, code=EXPIRED, envelope=b"", until=now), Turn.TELL
    if now - entry.not_after > SETTLED_FOR:
        return replace(begun, status=Status.AMBIGUOUS, code=NOT_SETTLED, envelope=b"", until=now), Turn.TELL
    if entry.maybe_done_at is not None and now < entry.maybe_done_at + settling:
        settled_at = entry.maybe_done_at + settling
        return replace(begun, status=Status.PARKED, code=SETTLING, until=settled_at), Turn.TELL
    if not on:
        turn = Turn.LEAVE if entry.code == OFF else Turn.TELL  # told once
        return replace(begun, status=Status.PARKED, code=OFF, until=now + OFF_FOR), turn
    return replace(begun, status=Status.CLAIMED, attempts=entry.attempts + 1, until=now + LEASE), Turn.PERFORM
