"""Deadlines of tests in which nothing is meant to expire: no machine is too slow for them."""

from shared.deadline import Deadline

PLENTY = 60.0
"""Seconds: far more than a busy machine needs for what a test does, and soon enough for one that hangs to fail."""


def plenty() -> Deadline:
    """A deadline `PLENTY` seconds from now. Call it where it is used: one made at import has passed before long."""
    return Deadline.after(PLENTY)
