"""A message that can never be processed goes to a topic of its own, as it came, with the reason as attributes.

The reason names fields, never values, and a person understands it. A message so large that no attribute fits beside it
travels without its body: Pub/Sub takes 10 MB with everything.
"""

import re

import msgspec

from shared.deadline import Deadline
from shared.errors import Invalid, SlackerError
from shared.messaging.messages import Delivery, Message
from shared.messaging.publisher import MAX_ATTRIBUTES, MAX_NAME_BYTES, MAX_VALUE_BYTES, Publisher

EVENTS, COMMANDS = "dead-letters-events", "commands-dead-letter"
"""The topic for events, and the one for commands."""

CODE, REASON, FIELD = "slacker-code", "slacker-reason", "slacker-field"
SOURCE, ATTEMPT, FUNCTION = "slacker-source", "slacker-attempt", "slacker-function"
MESSAGE, PUBLISHED, CUT = "slacker-message", "slacker-published", "slacker-cut"
"""Attributes: the kind of reason, why, which field; the subscription, its delivery attempt, who says so; the message's
own id and when it was published (RFC 3339), how many bytes of it were left out.
"""

MAX_DATA = 9_000_000
"""Bytes of a body that travels on."""

OUR_FAULT = "our_fault"
"""The code of an error that is not of our tree: a programming error."""

_OURS = 9  # attributes, at most
_RESERVED = "goog"  # how attributes begin that only Pub/Sub itself may set
_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


class Reason(msgspec.Struct, frozen=True):
    """The kind of reason, the reason as a person reads it, and the field that is wrong, empty where it is none."""

    code: str
    reason: str
    field: str = ""


class DeadLetterPublisher(msgspec.Struct, frozen=True):
    """Publishes the dead letters of one function to `topic`."""

    publisher: Publisher
    topic: str
    function: str

    async def publish_error(self, delivery: Delivery, error: Exception, deadline: Deadline) -> str:
        """Publish a delivery with the reason that `error` gives; returns its text; raises what the publisher does."""
        cause = reason_of(error)
        await self.publish(delivery, cause, deadline)
        return cause.reason

    async def publish(self, delivery: Delivery, cause: Reason, deadline: Deadline) -> None:
        """Publish a delivery with that reason; raises what the publisher does."""
        message = delivery.message
        ours = {
            CODE: cause.code,
            REASON: cause.reason,
            FIELD: cause.field,
            SOURCE: delivery.subscription,
            FUNCTION: self.function,
            MESSAGE: delivery.id,
            PUBLISHED: delivery.published_at.isoformat(),
        }
        if delivery.delivery_attempt is not None:
            ours[ATTEMPT] = str(delivery.delivery_attempt)
        data = message.data if len(message.data) <= MAX_DATA else b""
        if len(data) < len(message.data):
            ours[CUT] = str(len(message.data))
        theirs = [item for item in message.attributes.items() if _forwardable(*item)][: MAX_ATTRIBUTES - _OURS]
        attributes = {**dict(theirs), **{name: _truncated(value) for name, value in ours.items()}}
        # Without an ordering key: one failed publish can block a key.
        await self.publisher.publish(self.topic, [Message(data, attributes)], deadline)


def reason_of(error: Exception) -> Reason:
    """What an error says of the message that led to it."""
    return Reason(code(error), reason(error), _field(error))


def reason(error: Exception) -> str:
    """What a person reads: the text of an error of ours, which quotes no input, or else the error's type alone."""
    return str(error) if isinstance(error, SlackerError) else f"our own fault: {type(error).__name__}"


def code(error: Exception) -> str:
    """The kind of reason: the name of its class in `shared.errors` (`invalid`, `too_large`…), or `OUR_FAULT`."""
    return _HUMP.sub("_", type(error).__name__).lower() if isinstance(error, SlackerError) else OUR_FAULT


def _field(error: Exception) -> str:
    return error.problems[0].field if isinstance(error, Invalid) and error.problems else ""


def _forwardable(name: str, value: str) -> bool:
    """Whether Pub/Sub would take the attribute from us."""
    fits = 0 < len(name.encode()) <= MAX_NAME_BYTES and len(value.encode()) <= MAX_VALUE_BYTES
    return fits and not name.startswith(_RESERVED)


def _truncated(text: str) -> str:
    """As much of `text` as an attribute holds."""
    return text.encode()[:MAX_VALUE_BYTES].decode(errors="ignore")
