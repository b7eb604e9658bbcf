"""A deadline is one instant on the monotonic clock, handed down so that every call inside a request shares it."""

import time
from typing import Self

import msgspec


class Deadline(msgspec.Struct, frozen=True):
    """An instant, in seconds of `time.monotonic()`."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """The deadline `seconds` from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.at - time.monotonic())

    def passed(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self.at

    def within(self, seconds: float) -> "Deadline":
        """This deadline, or `seconds` from now if that is sooner."""
        return Deadline(min(self.at, time.monotonic() + seconds))

    def less(self, reserve: float) -> "Deadline":
        """This deadline with `reserve` seconds kept for what comes after."""
        return Deadline(self.at - reserve)
