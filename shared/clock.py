"""The clock port: what time it is, how long something takes, and waiting; `SYSTEM` is the real one.

Only this module reads the machine's clocks. Whatever waits or has a deadline takes a `Clock`, so that tests move time
(`shared.embedded.manual_clock`) and do not depend on the machine's speed.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol


class Timer(Protocol):
    """A callback that is still to come."""

    def cancel(self) -> None:
        """Have it not called; without effect once it was."""
        ...


class Clock(Protocol):
    """Time for one event loop. Seconds are floats; zero or less ends with the loop's next turn."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC; it may be set back."""
        ...

    def monotonic(self) -> float:
        """Seconds since some instant; they never go back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        ...

    def block(self, seconds: float) -> None:
        """Block this thread for `seconds`; for code without an event loop."""
        ...

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Ends what is done inside it after `seconds`, and raises `TimeoutError` then, as `asyncio.timeout`."""
        ...

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` after `seconds`, in the running loop."""
        ...


class SystemClock:
    """The machine's clocks and the running loop's timers."""

    __slots__ = ()

    monotonic = staticmethod(time.monotonic)  # no frame of ours: it is read several times a request

    def now(self) -> datetime:
        """See the port."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """See the port."""
        await asyncio.sleep(seconds)

    def block(self, seconds: float) -> None:
        """See the port."""
        time.sleep(seconds)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """See the port."""
        return asyncio.timeout(seconds)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """See the port."""
        return asyncio.get_running_loop().call_later(seconds, callback)


SYSTEM = SystemClock()
