"""Publishes what happened at the bank, as Kafka Connect hands events over: Avro, untouched, with the record's key."""

from collections.abc import Sequence
from datetime import datetime

from local.stack.stack import Stack
from shared.events.avro.events import encode, topic_of
from shared.events.events import Event
from shared.events.receiver import KEY
from shared.messaging.messages import Message

_ACKNOWLEDGED_WITHIN = 30.0  # seconds for all functions to acknowledge: one that was killed has to come back


class Producer:
    """Implements `local.replay.bookkeeping.Feed` by messages. `late` counts the batches not acknowledged within 30
    s.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.late = 0

    async def feed(self, events: Sequence[Event], up_to: datetime) -> None:  # noqa: ARG002 - functions keep a watermark
        """Publish `events`, and return when the features hold them and every answer given before."""
        by_topic: dict[str, list[Message]] = {}
        for event in events:
            by_topic.setdefault(topic_of(event), []).append(Message(encode(event), {KEY: event.client}))
        for topic, messages in by_topic.items():
            await self._stack.publish(topic, messages)
        if not await self._stack.settled(_ACKNOWLEDGED_WITHIN):
            self.late += 1
