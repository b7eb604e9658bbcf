"""How an attempt at a command ended, and what the ledger says of the command from then on."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from shared.attempts.attempt import State
from shared.attempts.completion import Outcome, complete
from shared.commands.ledger import REDELIVERED, STATES, Entry
from shared.commands.outcome import CommandOutcome
from shared.commands.status import CommandStatus
from shared.errors import Damaged, DeadlineExceeded, Deferred, Misconfigured, SlackerError, Transient, Uncertain
from shared.messaging.dead_letter_publisher import Reason, reason_of

from .claims import policy

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(hours=1)
"""Between these a command is parked, whatever a downstream asks for."""

REPAIRED_WITHIN = timedelta(minutes=5)
"""How long a command is parked whose handler is set up wrongly, or needs a document that cannot be read."""


class AttemptResult(msgspec.Struct, frozen=True):
    """How an attempt ended: its `outcome`, what there is now, and what is wrong where the command is a dead letter."""

    outcome: Outcome
    result: dict[str, str] = msgspec.field(default_factory=dict)
    dead_letter: Reason | None = None


def from_outcome(outcome: CommandOutcome) -> AttemptResult:
    """The result where the handler says how it ended."""
    return AttemptResult(Outcome(STATES[outcome.status], outcome.code), dict(outcome.result))


def from_error(error: Exception, settling_time: timedelta) -> AttemptResult:
    """The result where it raised: what may work later is parked, what never will is a dead letter."""
    if isinstance(error, Deferred):
        after = timedelta(seconds=min(error.after, LONGEST.total_seconds()))
        return _parked("deferred", after, spread=True)
    if isinstance(error, Uncertain | DeadlineExceeded | TimeoutError):
        return _parked("uncertain", settling_time, unknown=True)
    if isinstance(error, Misconfigured):
        return _parked("misconfigured", REPAIRED_WITHIN)
    if isinstance(error, Damaged):
        return _parked("damaged", REPAIRED_WITHIN)
    if isinstance(error, Transient):
        return AttemptResult(Outcome(State.PARKED, REDELIVERED))
    letter = reason_of(error)
    # An error of our tree says that nothing happened; any other may have been raised after it did.
    unknown = not isinstance(error, SlackerError)
    return AttemptResult(Outcome(State.REFUSED, letter.code, unknown=unknown), dead_letter=letter)


def apply(entry: Entry | None, lease: datetime, result: AttemptResult, now: datetime) -> Entry | None:
    """The entry after the attempt whose lease ends at `lease`, or `None` where it stays as it is, since the command is
    somebody else's by now.
    """
    if entry is None:
        return None
    attempt = complete(entry.attempt, lease, result.outcome, now, policy())
    if attempt is None:
        return None
    letter = result.dead_letter
    after = replace(entry, result=result.result, reason="", field="", dead_letter_pending=False)
    if letter is None:
        return after.with_attempt(attempt, now)
    after = replace(after, reason=letter.reason, field=letter.field, dead_letter_pending=True)
    return after.with_attempt(attempt, now, CommandStatus.DEAD_LETTERED)


def dead_lettered(entry: Entry | None) -> Entry | None:
    """The entry once its dead letter is published; `None` where it has none to publish."""
    if entry is None or not entry.dead_letter_pending:
        return None
    return replace(entry, dead_letter_pending=False, envelope=b"")


def _parked(code: str, pause: timedelta, *, spread: bool = False, unknown: bool = False) -> AttemptResult:
    return AttemptResult(Outcome(State.PARKED, code, max(pause, SHORTEST), spread=spread, unknown=unknown))
