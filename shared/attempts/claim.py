"""Who may attempt an item now: a delivery is admitted or turned away, and one that is admitted starts under a lease.

Between the two a kind of items may have reasons of its own to refuse or to `park` it.
"""

from datetime import datetime
from enum import Enum, auto

import msgspec
from msgspec.structs import replace

from shared.attempts.attempt import Attempt, State
from shared.attempts.policy import Policy

EXPIRED, SETTLING, NOT_SETTLED = "too_late", "settling", "not_settled"
"""The codes of what was not begun in time, of what waits for its settling time, and of what was not settled in time."""


class ClaimDecision(Enum):
    """What the receiver of a delivery has to do."""

    ATTEMPT = auto()
    """Nothing stands against it: go on, and once the claim is granted attempt the item."""

    RETRY = auto()
    """Somebody has the lease: refuse the delivery, so that it comes again should they not come to an end."""

    ACK = auto()
    """There is nothing to do and nothing new: acknowledge."""

    REPORT = auto()
    """It has just been parked, or has come to an end, without being attempted: log that, and acknowledge."""

    CONFLICT = auto()
    """The id is another item's: a dead letter, and the record stays as it is."""


class Claim(msgspec.Struct, frozen=True):
    """The item as it is now, and what its receiver has to do."""

    attempt: Attempt
    decision: ClaimDecision


def admit(attempt: Attempt, digest: bytes, now: datetime, policy: Policy) -> Claim:
    """Whether a delivery of what `digest` is of may go on with an item, which is as `attempt` says."""
    if attempt.digest != digest:
        return Claim(attempt, ClaimDecision.CONFLICT)
    if attempt.state.final:
        return Claim(attempt, ClaimDecision.ACK)
    if attempt.state is State.CLAIMED and _before(now, attempt.until):
        return Claim(attempt, ClaimDecision.RETRY)
    if attempt.state is State.PARKED and _before(now + policy.clock_skew, attempt.until):
        return Claim(attempt, ClaimDecision.ACK)
    return _in_time(after_lost_lease(attempt), now, policy)


def start(attempt: Attempt, now: datetime, policy: Policy, *, switched_on: bool) -> Claim:
    """Claim an item that was admitted, unless a kill switch is off: then it is looked at again later."""
    if not switched_on:
        parked_before = attempt.state is State.PARKED and attempt.code == policy.switched_off_code
        parked = park(attempt, now + policy.switched_off_for, policy.switched_off_code, policy)
        reported_before = parked_before and not parked.state.final
        return Claim(parked, ClaimDecision.ACK if reported_before else ClaimDecision.REPORT)
    return Claim(replace(attempt, state=State.CLAIMED, until=now + policy.lease, code=""), ClaimDecision.ATTEMPT)


def park(attempt: Attempt, until: datetime, code: str, policy: Policy) -> Attempt:
    """An item that is not attempted before `until`, or has expired where that would be too late."""
    expires = policy.expires_early and policy.too_late(until, attempt.not_after)
    return (
        end(attempt, State.EXPIRED, code) if expires else replace(attempt, state=State.PARKED, until=until, code=code)
    )


def end(attempt: Attempt, state: State, code: str) -> Attempt:
    """An item that has come to an end."""
    return replace(attempt, state=state, until=None, code=code)


def after_lost_lease(attempt: Attempt) -> Attempt:
    """The item where nobody attempts it any more: an attempt without an end may have done it within its lease."""
    return replace(attempt, outcome_unknown_since=attempt.until) if attempt.state is State.CLAIMED else attempt


def _in_time(attempt: Attempt, now: datetime, policy: Policy) -> Claim:
    """What becomes of an item that nobody has a lease on, by what is unknown of it and by its time."""
    unknown_since = attempt.outcome_unknown_since
    if unknown_since is not None and not policy.repeatable:
        return Claim(end(attempt, State.UNKNOWN, policy.interrupted_code), ClaimDecision.REPORT)
    if unknown_since is None or policy.settles_for is None:
        if policy.too_late(now, attempt.not_after):
            return Claim(end(attempt, State.EXPIRED, EXPIRED), ClaimDecision.REPORT)
    elif now - attempt.not_after > policy.settles_for:
        return Claim(end(attempt, State.UNKNOWN, NOT_SETTLED), ClaimDecision.REPORT)
    if unknown_since is not None and now < unknown_since + policy.settling_time:
        parked = park(attempt, unknown_since + policy.settling_time, SETTLING, policy)
        return Claim(parked, ClaimDecision.REPORT)
    return Claim(attempt, ClaimDecision.ATTEMPT)


def _before(now: datetime, until: datetime | None) -> bool:
    return until is not None and now < until
