"""The broker put together: its file, its subscriptions at work, and the address it is reached at.

An asynchronous context: entered, it serves and delivers; left, deliveries under way are given up and come again.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from local.broker.batch_writer import BatchWriter
from local.broker.pusher import Pusher
from local.broker.server import Server
from local.broker.status import Status, SubscriptionStatus, TopicStatus
from local.broker.store import Store
from local.broker.stored_message import StoredMessage
from local.broker.subscription_worker import Deliver, PendingDelivery, SubscriptionWorker
from local.broker.topology import Sink, Subscription, Topology
from local.stack.http_listener import listen
from local.stack.tokens import Tokens
from shared.errors import NotFound
from shared.messaging.messages import Delivery, Message

SINK_BATCH = 1000
"""Messages that a sink gets at once, at most."""


class Broker:
    """A broker on the file at `path`. `url` is its address once entered; `port` 0 is a free one.

    `sinks` are callables that take a subscription's messages instead of a push. Entering raises `Misconfigured`.
    """

    def __init__(
        self,
        path: Path,
        topology: Topology,
        *,
        port: int = 0,
        tokens: Tokens | None = None,
        sinks: Mapping[str, Sink] | None = None,
    ) -> None:
        topology.check()
        self.topology = topology
        self._path = path
        self._port = port
        self._tokens = tokens
        self._sinks = sinks or {}
        self.url = ""

    async def __aenter__(self) -> Self:
        """Open the file, go on with what it holds, and listen."""
        self._store = Store(self._path, [subscription.name for subscription in self.topology.subscriptions])
        subscribers: dict[str, list[str]] = {topic: [] for topic in self.topology.topics}
        for subscription in self.topology.subscriptions:
            subscribers[subscription.topic].append(subscription.name)
        self._writer = BatchWriter(self._store, subscribers, self._offer)
        self._pusher = Pusher(self.topology.project, self._tokens)
        self._workers = {subscription.name: self._worker(subscription) for subscription in self.topology.subscriptions}
        try:
            self._runner, port = await listen(Server(self).handle, self._port, "the broker")
        except BaseException:
            await self._pusher.close()
            self._store.close()
            raise
        self.url = f"http://127.0.0.1:{port}"
        for worker in self._workers.values():
            worker.pump()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        for worker in self._workers.values():
            await worker.close()
        await self._pusher.close()
        self._writer.flush()
        self._store.close()

    async def publish(self, topic: str, messages: Sequence[Message]) -> list[int]:
        """The ids of `messages`, once they are in the file. Raises `NotFound` and `Unavailable`."""
        return await self._writer.publish(topic, messages)

    def waiting(self, subscription: str, limit: int) -> list[Delivery]:
        """Up to `limit` of a subscription's messages that are not acknowledged, the oldest first; `NotFound`."""
        if subscription not in self._workers:
            raise NotFound(f"there is no subscription {subscription}")
        self._writer.flush()
        messages = self._store.load(subscription, 0, limit)
        return [stored.delivery(subscription, refusals + 1) for stored, refusals in messages]

    def status(self) -> Status:
        """The present status of all topics and subscriptions."""
        self._writer.flush()  # so that a message which has just become a dead letter is one in the file too
        now = time.monotonic()
        topics = [TopicStatus(name, meter.total, meter.rate(now)) for name, meter in self._writer.published.items()]
        return Status(
            self.topology.project, topics, [self._subscription_status(worker, now) for worker in self._workers.values()]
        )

    def _subscription_status(self, worker: SubscriptionWorker, now: float) -> SubscriptionStatus:
        subscription = worker.subscription
        oldest = self._store.oldest(subscription.name)
        return SubscriptionStatus(
            name=subscription.name,
            topic=subscription.topic,
            destination=self._destination(subscription),
            backlog=worker.backlog,
            oldest_seconds=0.0 if oldest is None else max(0.0, time.time() - oldest / 1e6),
            outstanding=worker.outstanding,
            limit=worker.limit,
            retrying=worker.retrying,
            most_attempts=self._store.most_attempts(subscription.name),
            acknowledged=worker.acknowledged.total,
            refused=worker.refused.total,
            dead_lettered=worker.dead_lettered.total,
            rate=worker.acknowledged.rate(now),
            refusal_rate=worker.refused.rate(now),
            last_refusal=worker.refusal,
        )

    def _destination(self, subscription: Subscription) -> str:
        if subscription.push:
            return subscription.push.url
        return "a sink" if subscription.name in self._sinks else "held"

    def _worker(self, subscription: Subscription) -> SubscriptionWorker:
        deliver, batch = None, 1
        if subscription.name in self._sinks:
            subscription = replace(subscription, max_outstanding=1)
            deliver, batch = _into(self._sinks[subscription.name], subscription.name), SINK_BATCH
        elif subscription.push is not None:
            deliver = self._pusher.deliver(subscription, subscription.push)
        return SubscriptionWorker(self.topology.project, subscription, self._store, self._writer, deliver, batch)

    def _offer(self, subscription: str, stored: StoredMessage) -> None:
        self._workers[subscription].offer(stored)


def _into(sink: Sink, name: str) -> Deliver:
    async def deliver(batch: Sequence[PendingDelivery]) -> None:
        await sink([stored.delivery(name, refusals + 1) for stored, refusals in batch])

    return deliver
