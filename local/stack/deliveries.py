"""Follows each published message: which functions acknowledged it, and how long after it was sent.

The stack's front sees every acknowledgement, whoever pushes, so the lag from publishing to the acknowledgement (the
event is in the features then) is measured by one clock in one process.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence

from shared.errors import Malformed
from shared.messaging.envelope import parse_push

ACKNOWLEDGED = frozenset((200, 201, 202, 204))
"""The statuses by which a push is acknowledged."""


class Deliveries:
    """Follows messages by their ids. `sent` counts messages, `due` the deliveries they lead to, `done` those
    acknowledged; `seconds` are the lags of those.
    """

    def __init__(self, subscribers: Mapping[str, Sequence[str]]) -> None:
        self._subscribers = subscribers
        self._due: dict[tuple[str, str], float] = {}
        self._early: dict[tuple[str, str], float] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self.sent = self.due = self.done = 0
        self.seconds: list[float] = []

    def publishing(self, topic: str, ids: Iterable[str], sent_at: float) -> None:
        """Expect the messages `ids`, which were sent at `sent_at` (`time.perf_counter()`)."""
        for id_ in ids:
            self.sent += 1
            for function in self._subscribers[topic]:
                self.due += 1
                self._due[function, id_] = sent_at
                early = self._early.pop((function, id_), None)
                if early is not None:
                    self._settle((function, id_), early)
        if self._due:
            self._idle.clear()

    def passed(self, function: str, body: bytes, status: int) -> None:
        """Record that `function` answered a push with `body` by `status`; what is no push is ignored."""
        if status not in ACKNOWLEDGED:
            return
        try:
            key = (function, parse_push(body).id)
        except Malformed:
            return
        if key in self._due:
            self._settle(key, time.perf_counter())
        else:
            self._early[key] = time.perf_counter()  # its publisher has not heard of it yet, or it came twice
        if not self._due:
            self._idle.set()

    async def idle(self, within: float) -> bool:
        """Whether all that was sent is acknowledged within so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def lag(self, share: float) -> float:
        """The seconds within which that share of the deliveries was acknowledged; 0 before the first."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def _settle(self, key: tuple[str, str], at: float) -> None:
        self.done += 1
        self.seconds.append(max(0.0, at - self._due.pop(key)))
