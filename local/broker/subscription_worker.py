"""The worker of one subscription: it loads messages from the file into a window, delivers, settles or tries again.

Only the window is in memory. Messages enter it in the order of their ids; one that is refused waits inside it, so a
subscription that cannot deliver stops reading, whatever its backlog.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from local.broker.batch_writer import BatchWriter
from local.broker.flow_control import FlowControl, backoff
from local.broker.rate_meter import RateMeter
from local.broker.store import Store
from local.broker.stored_message import StoredMessage
from local.broker.topology import Subscription
from shared.messaging.messages import Message

WINDOW = 10_000
"""Messages of one subscription in memory."""


class PendingDelivery(NamedTuple):
    """A message and how often it was refused."""

    stored: StoredMessage
    refusals: int


Deliver = Callable[[Sequence[PendingDelivery]], Awaitable[None]]
"""Hands a batch over: acknowledged when it returns, refused when it raises."""


class Refused(Exception):
    """The endpoint answered, and did not acknowledge; the text says how."""


class SubscriptionWorker:
    """Delivers for one subscription in batches of up to `batch` messages; `deliver` is `None` where it only holds."""

    def __init__(
        self,
        project: str,
        subscription: Subscription,
        store: Store,
        writer: BatchWriter,
        deliver: Deliver | None,
        batch: int = 1,
    ) -> None:
        self._project = project
        self.subscription = subscription
        self._store = store
        self._writer = writer
        self._deliver = deliver
        self._batch = batch
        self._flow = FlowControl(subscription.max_outstanding)
        self._ready: deque[PendingDelivery] = deque()
        self._window = 0
        self._last_id = 0
        self._more_in_store = True
        self._out: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._wake: asyncio.TimerHandle | None = None
        self.backlog = store.backlog(subscription.name)
        self.acknowledged, self.refused, self.dead_lettered = RateMeter(), RateMeter(), RateMeter()
        self.refusal = ""

    @property
    def outstanding(self) -> int:
        """Deliveries that are on their way."""
        return len(self._out)

    @property
    def retrying(self) -> int:
        """Messages that were refused and wait to be delivered again."""
        return len(self._timers)

    @property
    def limit(self) -> int:
        """How many deliveries may be on their way now."""
        return int(self._flow.limit)

    def offer(self, stored: StoredMessage) -> None:
        """Take a message that has just been written, or leave it in the file when the window is full."""
        self.backlog += 1
        if self._more_in_store or self._window >= WINDOW:
            self._more_in_store = True
        elif stored.id > self._last_id:  # else the file was read since, and it is in the window already
            self._take(PendingDelivery(stored, 0))
        self.pump()

    def pump(self) -> None:
        """Start as many deliveries as flow control allows."""
        if self._deliver is None:
            return
        if self._more_in_store and self._window <= WINDOW // 2:
            self._refill()
        now = time.monotonic()
        for _ in range(self._flow.room(len(self._out), now)):
            if not self._ready:
                break
            batch = [self._ready.popleft() for _ in range(min(self._batch, len(self._ready)))]
            task = asyncio.create_task(self._attempt(self._deliver, batch))
            self._out.add(task)
        if self._ready and self._wake is None and now < self._flow.paused_until:
            self._wake = asyncio.get_running_loop().call_later(self._flow.paused_until - now, self._wake_up)

    async def close(self) -> None:
        """Stop: deliveries under way are cancelled, and come again after a restart."""
        self._deliver = None
        for timer in [*self._timers, *([self._wake] if self._wake else [])]:
            timer.cancel()
        for task in self._out:
            task.cancel()
        await asyncio.gather(*self._out, return_exceptions=True)

    def _refill(self) -> None:
        room = WINDOW - self._window
        messages = self._store.load(self.subscription.name, self._last_id, room)
        for stored, refusals in messages:
            self._take(PendingDelivery(stored, refusals))
        self._more_in_store = len(messages) == room

    def _take(self, pending: PendingDelivery) -> None:
        self._ready.append(pending)
        self._last_id = pending.stored.id
        self._window += 1

    async def _attempt(self, deliver: Deliver, batch: Sequence[PendingDelivery]) -> None:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self.subscription.ack_deadline):
                await deliver(batch)
        except Exception as error:  # noqa: BLE001 - whatever a sink or a connection does, the message comes again
            self._refused(batch, begun, error)
        else:
            self._accepted(batch)
        self._out.discard(_this_task())
        self.pump()

    def _accepted(self, batch: Sequence[PendingDelivery]) -> None:
        self._flow.accepted()
        self.acknowledged.add(len(batch), time.monotonic())
        for pending in batch:
            self._writer.settle(self.subscription.name, pending.stored.id)
        self._release(len(batch))

    def _refused(self, batch: Sequence[PendingDelivery], begun: float, error: Exception) -> None:
        now = time.monotonic()
        self._flow.refused(begun, now)
        self.refused.add(len(batch), now)
        self.refusal = str(error) if isinstance(error, Refused) else type(error).__name__
        for pending in batch:
            self._refuse(PendingDelivery(pending.stored, pending.refusals + 1), now)

    def _refuse(self, pending: PendingDelivery, now: float) -> None:
        policy, id_ = self.subscription, pending.stored.id
        if policy.dead_letter_topic and pending.refusals >= policy.max_attempts:
            self._writer.forward(policy.name, id_, policy.dead_letter_topic, self._dead_letter(pending))
            self.dead_lettered.add(1, now)
            self._release(1)
            return
        self._writer.count(policy.name, id_, pending.refusals)
        jitter = random.random()  # noqa: S311
        pause = backoff(pending.refusals, policy.min_backoff, policy.max_backoff, jitter)
        timer: asyncio.TimerHandle

        def again() -> None:
            self._timers.discard(timer)
            self._ready.append(pending)
            self.pump()

        timer = asyncio.get_running_loop().call_later(pause, again)
        self._timers.add(timer)

    def _dead_letter(self, pending: PendingDelivery) -> Message:
        """The message as Pub/Sub forwards it (https://cloud.google.com/pubsub/docs/dead-letter-topics)."""
        message = pending.stored.message()
        source = {
            "SourceDeliveryCount": str(pending.refusals),
            "SourceSubscription": self.subscription.name,
            "SourceSubscriptionProject": self._project,
            "SourceTopicPublishTime": pending.stored.published_at.isoformat(timespec="milliseconds"),
        }
        added = {f"CloudPubSubDeadLetter{name}": value for name, value in source.items()}
        return Message(message.data, {**message.attributes, **added}, message.ordering_key)

    def _release(self, count: int) -> None:
        self._window -= count
        self.backlog -= count

    def _wake_up(self) -> None:
        self._wake = None
        self.pump()


def _this_task() -> asyncio.Task[None]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a delivery is a task")
    return task
