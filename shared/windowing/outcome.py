"""What became of an event that was to be counted."""

from enum import Enum


class Outcome(Enum):
    """What became of an event in one document."""

    FOLDED = "folded"
    DUPLICATE = "duplicate"
    TOO_OLD = "too old"
    """Older than recent events reach back: only a rebuild from the archive can count it."""

    WAITING = "waiting"
    """Reverses what is not there yet: remembered, so that it will not count when it comes."""

    REVERSED = "reversed"
    """Came after its reversal, or once more after it: not taken."""

    IGNORED = "ignored"
    """Lacks what this document would count."""
