"""An item that is attempted until it ends: where it stands, whatever kind of item it is and wherever that is stored."""

from datetime import datetime
from enum import Enum, auto

import msgspec


class State(Enum):
    """Where an item stands."""

    CLAIMED = auto()
    """Somebody has a lease on it, or had one and died."""

    PARKED = auto()
    """It is not attempted before a time, and somebody sees to it then."""

    DONE = auto()
    """It happened."""

    REFUSED = auto()
    """It will never happen."""

    EXPIRED = auto()
    """Its time passed, and nobody attempts it any more."""

    UNKNOWN = auto()
    """It may have happened, and nobody attempts it any more."""

    @property
    def final(self) -> bool:
        """Whether it stays so."""
        return self not in {State.CLAIMED, State.PARKED}


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an item's record that the machine reads and changes; times are aware UTC.

    `digest` is of what is to be done. `until` is the end of a claim's lease, or the time before which a parked item is
    not attempted; `None` for the latter: its message is still to be delivered again. `outcome_unknown_since` is the
    latest time at which an earlier attempt may have done it, where one may have. `code` says why it is parked or final.
    """

    state: State
    digest: bytes
    accepted_at: datetime
    not_after: datetime
    until: datetime | None
    outcome_unknown_since: datetime | None = None
    code: str = ""
