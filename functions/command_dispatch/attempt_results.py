"""How an attempt ended, and what the ledger says of the command from then on."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from shared.commands.ledger import REDELIVERED, Entry
from shared.commands.outcome import Outcome
from shared.commands.status import FINAL, Status
from shared.dead_letters.leaving import Why, why
from shared.errors import Damaged, DeadlineExceeded, Deferred, Misconfigured, SlackerError, Transient, Uncertain
from shared.pauses import apart

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(hours=1)
"""Between these a command is parked, whatever a downstream asks for."""

_DEFERRED = "deferred"

REPAIRED_WITHIN = timedelta(minutes=5)
"""How long a command is parked whose handler is set up wrongly, or needs a document that cannot be read."""


class Ending(msgspec.Struct, frozen=True):
    """The end of an attempt: the status that it leads to and why, as in `Entry`.

    A command is parked for a `pause`, at least. `uncertain` says that it may have been done in this attempt.
    """

    status: Status
    code: str = ""
    result: dict[str, str] = msgspec.field(default_factory=dict)
    pause: timedelta = timedelta()
    uncertain: bool = False
    letter: Why | None = None


def concluded(outcome: Outcome) -> Ending:
    """The ending where the handler says how it ended."""
    return Ending(outcome.status, outcome.code, dict(outcome.result))


def failed(error: Exception, settling: timedelta) -> Ending:
    """The ending where it raised: what may work later is parked, what never will is a dead letter."""
    if isinstance(error, Deferred):
        return _parked(_DEFERRED, timedelta(seconds=min(error.after, LONGEST.total_seconds())))
    if isinstance(error, Uncertain | DeadlineExceeded | TimeoutError):
        return _parked("uncertain", settling, uncertain=True)
    if isinstance(error, Misconfigured):
        return _parked("misconfigured", REPAIRED_WITHIN)
    if isinstance(error, Damaged):
        return _parked("damaged", REPAIRED_WITHIN)
    if isinstance(error, Transient):
        return Ending(Status.PARKED, REDELIVERED)
    letter = why(error)
    # An error of our tree says that nothing happened; any other may have been raised after it did.
    return Ending(Status.DEAD_LETTERED, letter.code, uncertain=not isinstance(error, SlackerError), letter=letter)


def end(entry: Entry | None, attempt: int, ending: Ending, now: datetime) -> Entry | None:
    """The entry after that attempt, or `None` where it stays as it is, since the command is somebody else's by now.

    A claim that has lapsed and been taken over ends nothing any more, with one exception: that it was done is true
    whoever says so.
    """
    if entry is None or entry.final:
        return None
    ours = entry.status is Status.CLAIMED and entry.attempts == attempt
    if not ours and ending.status is not Status.DONE:
        return None
    letter, final = ending.letter, ending.status in FINAL
    before = None if ending.status is Status.DONE else entry.maybe_done_at
    until = now + ending.pause
    if ending.code == _DEFERRED:
        until = apart(entry.digest, entry.accepted_at, until, entry.not_after)
    return replace(
        entry,
        status=ending.status,
        code=ending.code,
        result=ending.result,
        reason=letter.reason if letter else "",
        field=letter.field if letter else "",
        letter=letter is not None,
        envelope=b"" if final and letter is None else entry.envelope,
        until=until,
        changed_at=now,
        maybe_done_at=now if ending.uncertain else before,
    )


def buried(entry: Entry | None) -> Entry | None:
    """The entry once its dead letter is published; `None` where it has none to publish."""
    return replace(entry, letter=False, envelope=b"") if entry is not None and entry.letter else None


def _parked(code: str, pause: timedelta, *, uncertain: bool = False) -> Ending:
    return Ending(Status.PARKED, code, pause=max(pause, SHORTEST), uncertain=uncertain)
