"""What the end of an attempt leads to: the item is final, or parked until its next attempt."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from shared.attempts.attempt import Attempt, State
from shared.attempts.claim import end, park
from shared.attempts.policy import Policy
from shared.backoff import spread


class Outcome(msgspec.Struct, frozen=True):
    """How one attempt ended: the `state` it leads to, and the code that says why.

    Parked is for a `pause`, or with `None` until the message is delivered again, which it must be; `spread` says that
    many may be sent away at once, and are not to come back at once. `unknown`: it may have happened in this attempt.
    """

    state: State
    code: str = ""
    pause: timedelta | None = None
    spread: bool = False
    unknown: bool = False


def complete(attempt: Attempt, lease: datetime, outcome: Outcome, now: datetime, policy: Policy) -> Attempt | None:
    """The item after the attempt whose lease ends at `lease`, or `None` where it stays as it is, since it is final or
    somebody else's by now.

    A lease that has lapsed and was taken over ends nothing any more, with one exception: that it was done is true
    whoever says so.
    """
    done = outcome.state is State.DONE
    if attempt.state.final or not (done or is_claimed_by(attempt, lease)):
        return None
    unknown_since = now if outcome.unknown else None if done else attempt.outcome_unknown_since
    attempt = replace(attempt, outcome_unknown_since=unknown_since)
    if outcome.state is not State.PARKED:
        return end(attempt, outcome.state, outcome.code)
    if outcome.pause is None:
        return replace(attempt, state=State.PARKED, until=None, code=outcome.code)
    parked = park(attempt, now + outcome.pause, outcome.code, policy)
    if outcome.spread and parked.until is not None:
        until = spread(attempt.digest, attempt.accepted_at, parked.until, attempt.not_after)
        return replace(parked, until=until)
    return parked


def is_claimed_by(attempt: Attempt, lease: datetime) -> bool:
    """Whether the claim on an item is the one whose lease ends at `lease`: a later claim's ends later."""
    return attempt.state is State.CLAIMED and attempt.until == lease
