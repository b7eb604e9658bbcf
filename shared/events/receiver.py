"""What a delivered message tells, whoever receives it: an event function, or a rebuild that reads the archive."""

from datetime import datetime, timedelta

from shared.avro.events import EventDecoder, Tombstone
from shared.avro.topics import Meaning
from shared.deadline import Deadline
from shared.errors import Invalid, Problem, TooLarge
from shared.events.decision import parse_decision
from shared.events.events import ClientSnapshot, Event
from shared.messages import Delivery
from shared.topics import topic_of

DECISIONS = "decisions"
"""The topic that the log sink of decisions publishes to."""

KEY = "key"
"""The attribute in which Kafka Connect hands over a record's key."""

MAX_EVENT_BYTES = 256_000
"""Bytes of an event: many times what any has."""

MAX_CLOCK_SKEW = timedelta(minutes=10)
"""How far a bank's clock may be ahead of ours: an event from later than that would push out what is recent."""


async def decode_event(
    decoder: EventDecoder, delivered: Delivery, deadline: Deadline, now: datetime | None
) -> Event | None:
    """The event in a delivery, `None` where it means nothing; `now` is `None` while history is replayed, which has no
    future. The subscription's name says which topic it is of: `{topic}.{who receives}`.

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
    told = await decoder.decode(topic, message.data, deadline, message.attributes.get(KEY))
    if not isinstance(told, Tombstone):
        return told
    if told.means is Meaning.FORGET_SNAPSHOT and told.key:
        return ClientSnapshot(event_id=delivered.id, client=told.key, occurred_at=delivered.published_at)
    raise Invalid(Problem("", "an empty message (a tombstone) means nothing on this topic"))
