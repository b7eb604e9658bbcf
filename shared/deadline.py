"""A deadline: an instant on a clock, passed down so that all calls of a request share it."""

from contextlib import AbstractAsyncContextManager
from typing import Self

import msgspec

from shared.clock import SYSTEM, Clock


class Deadline(msgspec.Struct, frozen=True):
    """An instant, in seconds of `clock.monotonic()`."""

    at: float
    clock: Clock = SYSTEM

    @classmethod
    def after(cls, seconds: float, clock: Clock = SYSTEM) -> Self:
        """The deadline `seconds` from now."""
        return cls(clock.monotonic() + seconds, clock)

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.at - self.clock.monotonic())

    def passed(self) -> bool:
        """Whether no time is left."""
        return self.clock.monotonic() >= self.at

    def within(self, seconds: float) -> "Deadline":
        """This deadline, or `seconds` from now if that is sooner."""
        return Deadline(min(self.at, self.clock.monotonic() + seconds), self.clock)

    def less(self, reserve: float) -> "Deadline":
        """This deadline with `reserve` seconds kept for what comes after."""
        return Deadline(self.at - reserve, self.clock)

    def timeout(self) -> AbstractAsyncContextManager[object]:
        """A context that is cancelled when no time is left, and raises `TimeoutError` then."""
        return self.clock.timeout(self.remaining())

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds`, but never beyond this deadline."""
        await self.clock.sleep(min(seconds, self.remaining()))
