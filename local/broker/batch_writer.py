"""Group commit: all changes that come together go into one commit of the broker's file.

A publish waits for its commit, and its messages go to the subscriptions after it. Acknowledgements and refusals are
written up to 5 ms later, together: one that is lost by `kill -9` costs one more delivery.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence

from local.broker.rate_meter import RateMeter
from local.broker.store import Changes, Store
from local.broker.stored_message import StoredMessage, to_stored
from shared.errors import NotFound, Unavailable
from shared.messaging.messages import Message

_MOMENT = 0.005
_RETRY = 0.5  # seconds, when the disk failed

OnCommitted = Callable[[str, StoredMessage], None]
"""Called with each message that has been committed: the subscription's name, and the message."""


class BatchWriter:
    """The one writer of a store. `subscribers` are the names of each topic's subscriptions.

    `published` counts what each topic got since the start.
    """

    def __init__(self, store: Store, subscribers: Mapping[str, Sequence[str]], on_committed: OnCommitted) -> None:
        self._store = store
        self._subscribers = subscribers
        self._on_committed = on_committed
        self.published = {topic: RateMeter() for topic in subscribers}
        self._last_id = store.last_id()
        self._changes = Changes()
        self._forwarded: list[tuple[StoredMessage, str]] = []
        self._publishing: list[tuple[asyncio.Future[None], list[tuple[StoredMessage, str]]]] = []
        self._timer: asyncio.Handle | None = None

    async def publish(self, topic: str, messages: Sequence[Message]) -> list[int]:
        """The ids of `messages`, once they are in the file. Raises `NotFound`, or `Unavailable` when the disk failed.

        A message to a topic without subscriptions is dropped, as in Pub/Sub.
        """
        if topic not in self._subscribers:
            raise NotFound(f"there is no topic {topic}")
        new = [to_stored(self._new_id(), message) for message in messages]
        done = asyncio.get_running_loop().create_future()
        self._publishing.append((done, [(message, topic) for message in new]))
        self._soon()
        await done
        return [message.id for message in new]

    def settle(self, subscription: str, id_: int) -> None:
        """Record that a delivery is over."""
        self._changes.settled.append((subscription, id_))
        self._changes.attempts.pop((subscription, id_), None)
        self._later(_MOMENT)

    def count(self, subscription: str, id_: int, refusals: int) -> None:
        """Record that a delivery was refused, `refusals` times by now."""
        self._changes.attempts[subscription, id_] = refusals
        self._later(_MOMENT)

    def forward(self, subscription: str, id_: int, topic: str, message: Message) -> None:
        """Record that a delivery is over, and publish `message` to `topic` in the same commit."""
        self._forwarded.append((to_stored(self._new_id(), message), topic))
        self.settle(subscription, id_)

    def flush(self) -> None:
        """Commit all pending changes now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        publishing, self._publishing = self._publishing, []
        new = [*self._forwarded, *(pair for _, pairs in publishing for pair in pairs)]
        new.sort(key=lambda pair: pair[0].id)
        self._changes.published = [(message, names) for message, topic in new if (names := self._subscribers[topic])]
        try:
            self._store.commit(self._changes)
        except sqlite3.Error:  # settlements are tried again; publishers get an error, and publish again themselves
            for done, _ in publishing:
                if not done.done():
                    done.set_exception(Unavailable("the broker's disk failed"))
            self._later(_RETRY)
            return
        self._changes, self._forwarded = Changes(), []
        for done, _ in publishing:
            if not done.done():
                done.set_result(None)
        self._announce(new)

    def _announce(self, new: Sequence[tuple[StoredMessage, str]]) -> None:
        now = time.monotonic()
        for message, topic in new:
            self.published[topic].add(1, now)
            for name in self._subscribers[topic]:
                self._on_committed(name, message)

    def _new_id(self) -> int:
        self._last_id = max(self._last_id + 1, time.time_ns() // 1000)
        return self._last_id

    def _soon(self) -> None:
        """Commit after all that the loop has ready now, so that simultaneous publishes share a commit."""
        if isinstance(self._timer, asyncio.TimerHandle):
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_soon(self.flush)

    def _later(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.flush)
