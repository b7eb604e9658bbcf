"""A clock that stands still until it is moved: deadlines, pauses and timers come due at once, in order, exactly."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 1, 1, 12, tzinfo=UTC)

_TURNS = 50  # of the loop, for tasks to get on until all of them wait


class ManualClock:
    """Implements `shared.clock.Clock`. `advance` moves it; it begins at `start`.

    With `skip_sleeps` it moves by itself: when a task sleeps and the others had their turns, to the end of that sleep,
    so that the pauses of retries take no time. Timeouts alone never move it, since what they limit may still end. The
    clock does not see what waits for a socket or a thread.
    """

    def __init__(self, start: datetime = START, *, skip_sleeps: bool = False) -> None:
        self._start = start
        self._skip_sleeps = skip_sleeps
        self._elapsed = 0.0
        self._numbers = count()
        self._timers: list[tuple[float, int, _Timer]] = []
        self._asleep = 0
        self._skipping: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """See the port."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """See the port: seconds since it was made."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """See the port."""
        if seconds <= 0:
            return await asyncio.sleep(0)
        woken = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: None if woken.done() else woken.set_result(None))
        self._asleep += 1
        if self._skip_sleeps and (self._skipping is None or self._skipping.done()):
            self._skipping = asyncio.create_task(self._skip())
        try:
            await woken
        finally:
            self._asleep -= 1
            timer.cancel()
        return None

    def block(self, seconds: float) -> None:
        """See the port: moves the clock by `seconds`, since no other task can."""
        self._elapsed += max(0.0, seconds)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """See the port."""
        return self._timeout(seconds)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> "_Timer":
        """See the port. A callback that is due already is called in the loop's next turn."""
        timer = _Timer(callback)
        if seconds <= 0:
            asyncio.get_running_loop().call_soon(timer.run)
        else:
            heapq.heappush(self._timers, (self._elapsed + seconds, next(self._numbers), timer))
        return timer

    async def advance(self, seconds: float) -> None:
        """Move on by `seconds`: timers that come due are called in order, each at its own instant, and tasks run until
        they wait after each of them.
        """
        until = self._elapsed + seconds
        await self.settle()
        while self._timers and self._timers[0][0] <= until:
            await self._next_timer()
        self._elapsed = max(self._elapsed, until)

    def set_now(self, now: datetime) -> None:
        """Set the time of day, as an administrator may; no timer comes due by that."""
        self._start = now - timedelta(seconds=self._elapsed)

    @property
    def timers(self) -> int:
        """How many timers are pending: one for each sleep and each timeout."""
        return sum(not timer.cancelled for _, _, timer in self._timers)

    @property
    def asleep(self) -> int:
        """How many tasks sleep."""
        return self._asleep

    async def settle(self) -> None:
        """Run all tasks until they wait for something."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def _skip(self) -> None:
        await self.settle()
        while self._asleep:
            await self._next_timer()

    async def _next_timer(self) -> None:
        at, _, timer = heapq.heappop(self._timers)
        if not timer.cancelled:
            self._elapsed = max(self._elapsed, at)
            asyncio.get_running_loop().call_soon(timer.run)
            await self.settle()

    @asynccontextmanager
    async def _timeout(self, seconds: float) -> AsyncIterator[object]:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(0 if seconds <= 0 else None) as timeout:
            timer = self.call_later(seconds, lambda: timeout.reschedule(loop.time())) if seconds > 0 else None
            try:
                yield timeout
            finally:
                if timer is not None:
                    timer.cancel()


class _Timer:
    """A callback that is still to come, unless it is cancelled."""

    __slots__ = ("_callback", "cancelled")

    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """See `shared.clock.Timer`."""
        self.cancelled = True

    def run(self) -> None:
        """Call it, unless it was cancelled; it is over then."""
        if not self.cancelled:
            self.cancelled = True
            self._callback()
