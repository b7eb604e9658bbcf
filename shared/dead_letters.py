"""A message that can never be processed goes to a topic of its own, as it came, with the reason as attributes.

The reason names fields, never values, and a person understands it. A message so large that no attribute fits beside it
travels without its body: Pub/Sub takes 10 MB with everything.
"""

import msgspec

from shared.deadline import Deadline
from shared.errors import Invalid, SlackerError
from shared.messages import Delivery, Message
from shared.publisher import MAX_ATTRIBUTES, MAX_NAME_BYTES, MAX_VALUE_BYTES, Publisher

EVENTS = "dead-letters-events"
"""The topic for events."""

REASON, FIELD, SOURCE = "slacker-reason", "slacker-field", "slacker-source"
ATTEMPT, FUNCTION, CUT = "slacker-attempt", "slacker-function", "slacker-cut"
"""Attributes: why, which field, the subscription, its delivery attempt, who says so, how many bytes were left out."""

MAX_DATA = 9_000_000
"""Bytes of a body that travels on."""

_OURS = 6  # attributes, at most
_RESERVED = "goog"  # how attributes begin that only Pub/Sub itself may set


class DeadLetters(msgspec.Struct, frozen=True):
    """The way out of one function."""

    publisher: Publisher
    topic: str
    function: str

    async def publish(self, delivery: Delivery, error: Exception, deadline: Deadline) -> str:
        """Publish a delivery with what is wrong about it, and give that reason; raises what the publisher does."""
        why = reason(error)
        ours = {REASON: why, FIELD: _field(error), SOURCE: delivery.subscription, FUNCTION: self.function}
        if delivery.delivery_attempt is not None:
            ours[ATTEMPT] = str(delivery.delivery_attempt)
        message = delivery.message
        data = message.data if len(message.data) <= MAX_DATA else b""
        if len(data) < len(message.data):
            ours[CUT] = str(len(message.data))
        theirs = [each for each in message.attributes.items() if _travels(*each)][: MAX_ATTRIBUTES - _OURS]
        attributes = {**dict(theirs), **{name: _cut(value) for name, value in ours.items()}}
        # Without an ordering key: one failed publish can block a key.
        await self.publisher.publish(self.topic, [Message(data, attributes)], deadline)
        return why


def reason(error: Exception) -> str:
    """What a person reads: the text of an error of ours, which quotes no input, or else the error's type alone."""
    return str(error) if isinstance(error, SlackerError) else f"our own fault: {type(error).__name__}"


def _field(error: Exception) -> str:
    return error.problems[0].field if isinstance(error, Invalid) and error.problems else ""


def _travels(name: str, value: str) -> bool:
    """Whether Pub/Sub would take the attribute from us."""
    fits = 0 < len(name.encode()) <= MAX_NAME_BYTES and len(value.encode()) <= MAX_VALUE_BYTES
    return fits and not name.startswith(_RESERVED)


def _cut(text: str) -> str:
    """As much of `text` as an attribute holds."""
    return text.encode()[:MAX_VALUE_BYTES].decode(errors="ignore")
