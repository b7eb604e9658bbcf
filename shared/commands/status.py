"""Where a command stands: every id that was accepted has exactly one of these, so their counts add up."""

from enum import StrEnum


class CommandStatus(StrEnum):
    """What has become of a command so far."""

    CLAIMED = "claimed"
    """Somebody is doing it, or was when it was last heard of."""

    PARKED = "parked"
    """It waits: for a time a downstream named, for a kill switch, or to be delivered again."""

    DONE = "done"
    """It happened, once."""

    REFUSED = "refused"
    """A downstream said no, for a reason of its business."""

    EXPIRED = "expired"
    """It was not begun before its time was over, and did not happen."""

    AMBIGUOUS = "ambiguous"
    """Nobody can say whether it happened, and it is not tried again."""

    DEAD_LETTERED = "dead_lettered"
    """It cannot be done as it is; it lies with the dead letters, for people."""

    DISCARDED = "discarded"
    """It was a dead letter, and a person gave it up."""


FINAL = frozenset(CommandStatus) - {CommandStatus.CLAIMED, CommandStatus.PARKED}
"""Those from which nothing goes on by itself."""
