"""What a delivered message tells, whoever receives it: an event function, or a rebuild that reads the archive.

An event function is a fold of its items, and how an event becomes one: `EventReceiver` does what all of them do.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec

from shared.deadline import Deadline
from shared.errors import Invalid, Problem, TooLarge, Unavailable
from shared.events.avro.events import EventDecoder, Tombstone
from shared.events.avro.topic_encoding import TombstoneMeaning
from shared.events.decision import parse_decision
from shared.events.events import ClientSnapshot, Event
from shared.messaging.messages import Delivery
from shared.messaging.topics import topic_of
from shared.privacy import Pseudonymiser
from shared.runtime.log import Log
from shared.storage.group_commit import GroupCommit
from shared.trace import Trace

Item = TypeVar("Item")
Result = TypeVar("Result")

DECISIONS = "decisions"
"""The topic that the log sink of decisions publishes to."""

KEY = "key"
"""The attribute in which Kafka Connect hands over a record's key."""

MAX_EVENT_BYTES = 256_000
"""Bytes of an event: many times what any has."""

MAX_CLOCK_SKEW = timedelta(minutes=10)
"""How far a bank's clock may be ahead of ours: an event from later than that would push out what is recent."""


class LogLine(msgspec.Struct, frozen=True):
    """A line for the log about one event: its kind and its fields."""

    kind: str
    fields: Mapping[str, Any]


Prepare = Callable[[Event, Pseudonymiser], Item | None]
"""What an event is to the fold, worked out once; `None` where it means nothing to it. Pure."""

Report = Callable[[Item, Result], Iterable[LogLine]]
"""What the log is to say of an item once it is committed, most often nothing."""


class EventReceiver(msgspec.Struct, Generic[Item, Result], frozen=True):
    """Implements `shared.messaging.subscriber.MessageHandler` for an event function.

    In a `replay` of history no event is from the future.
    """

    decoder: EventDecoder
    prepare: Prepare[Item]
    commits: GroupCommit[Item, Result]
    report: Report[Item, Result]
    log: Log
    replay: bool

    async def parse(self, delivered: Delivery, deadline: Deadline) -> Item | None:
        """See the port. Times are compared with when the message was published, so that a rebuild decides the same.

        Raises `Unavailable` while the token key is missing, and what `decode_event` does.
        """
        event = await decode_event(self.decoder, delivered, deadline, None if self.replay else delivered.published_at)
        if event is None:
            return None
        if self.log.tokens is None:
            raise Unavailable("without the token key no document can be named")
        return self.prepare(event, self.log.tokens)

    async def handle(self, item: Item, delivered: Delivery, trace: Trace, deadline: Deadline) -> None:
        """See the port; raises what `GroupCommit.submit` does."""
        result = await self.commits.submit(item, len(delivered.message.data), deadline)
        for line in self.report(item, result):
            self.log.write(line.kind, "INFO", trace, **line.fields)


async def decode_event(
    decoder: EventDecoder, delivered: Delivery, deadline: Deadline, now: datetime | None
) -> Event | None:
    """The event in a delivery, `None` where it means nothing; `now` is `None` while history is replayed: then no
    time is too far ahead. The topic is taken from the subscription's name, `{topic}.{receiver}`.

    Raises `Invalid` and `TooLarge` for what will never be an event, and what else `EventDecoder.decode` does.
    """
    if len(delivered.message.data) > MAX_EVENT_BYTES:
        raise TooLarge(MAX_EVENT_BYTES)
    event = await _event(decoder, delivered, deadline)
    if event is not None and now is not None and event.occurred_at > now + MAX_CLOCK_SKEW:
        minutes = MAX_CLOCK_SKEW // timedelta(minutes=1)
        raise Invalid(Problem("occurred_at", f"a time at most {minutes} minutes ahead of our clock expected"))
    return event


async def _event(decoder: EventDecoder, delivered: Delivery, deadline: Deadline) -> Event | None:
    message = delivered.message
    topic = topic_of(delivered.subscription)
    if topic == DECISIONS:
        return parse_decision(message.data)
    decoded = await decoder.decode(topic, message.data, deadline, message.attributes.get(KEY))
    if not isinstance(decoded, Tombstone):
        return decoded
    if decoded.means is TombstoneMeaning.FORGET_SNAPSHOT and decoded.key:
        return ClientSnapshot(event_id=delivered.id, client=decoded.key, occurred_at=delivered.published_at)
    raise Invalid(Problem("", "an empty message (a tombstone) means nothing on this topic"))
