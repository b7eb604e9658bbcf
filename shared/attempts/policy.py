"""What differs between kinds of items: how long leases and waits are, and what a doubt leads to."""

from datetime import datetime, timedelta

import msgspec

SWITCHED_OFF_FOR = timedelta(minutes=1)
"""How long waits what a kill switch stops, before the switch is looked at again."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How items of one kind are attempted; the codes are what their records say.

    `lease` is longer than any attempt, clocks that differ included. After an outcome that stayed unknown the next
    attempt waits for `settling_time`; where `repeatable` is false there is none, and the item ends with
    `interrupted_code`. An item of unknown outcome is looked into for `settles_for` after its `not_after`; `None`: it
    expires like any other. `min_time_left` must be left until `not_after` for an attempt to begin. With
    `expires_early` an item is not parked beyond that, but expires at once. A parked item may be early by `clock_skew`.
    """

    lease: timedelta
    switched_off_code: str
    switched_off_for: timedelta = SWITCHED_OFF_FOR
    settling_time: timedelta = timedelta()
    repeatable: bool = True
    interrupted_code: str = "interrupted"
    settles_for: timedelta | None = None
    min_time_left: timedelta = timedelta()
    expires_early: bool = False
    clock_skew: timedelta = timedelta()

    def too_late(self, begins_at: datetime, not_after: datetime) -> bool:
        """Whether an attempt may not begin any more at that time."""
        return not_after - begins_at < self.min_time_left  # a difference, since it never overflows
