"""An item to be attempted, and a policy for it, with what a test says and defaults for the rest."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from shared.attempts.attempt import Attempt, State
from shared.attempts.policy import Policy

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOT_AFTER = NOW + timedelta(hours=1)
LEASE = timedelta(seconds=20)
SECOND = timedelta(seconds=1)

POLICY = Policy(lease=LEASE, switched_off_code="switched_off")
SETTLING = replace(POLICY, settling_time=timedelta(minutes=2), settles_for=timedelta(days=1))
"""Whose unknown outcomes are looked into until a day after `NOT_AFTER`."""

ONCE = replace(POLICY, repeatable=False)
"""Whose attempts may not be repeated after an unknown outcome."""


def attempt(state: State = State.PARKED, until: datetime | None = NOW, code: str = "") -> Attempt:
    """An item accepted at `NOW`, to be done until `NOT_AFTER`."""
    return Attempt(state=state, digest=b"digest", accepted_at=NOW, not_after=NOT_AFTER, until=until, code=code)


def claimed(lease: datetime = NOW + LEASE) -> Attempt:
    """An item under a lease that ends then."""
    return attempt(State.CLAIMED, lease)
