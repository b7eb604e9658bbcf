"""The JSON that wraps a message in a push, read strictly: a native push and an Eventarc trigger have the same shape.

https://cloud.google.com/pubsub/docs/push#receive_push: `message` and `subscription`, and `deliveryAttempt` where the
subscription has a dead-letter policy. Absent data is an empty message, which is what a Kafka tombstone becomes.
"""

import re
from datetime import datetime
from typing import Annotated

import msgspec

from shared.errors import Malformed, Problem
from shared.json_value import NO_JSON
from shared.messaging.messages import Delivery, Message
from shared.times import in_utc

MAX_BODY = 16_000_000
"""Bytes: the largest message there is, 10 MB, in base64, and every attribute escaped at its worst."""

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
_POSITION = re.compile(r" - at `\$([^`[]*)[^`]*`$")
_MISSING = re.compile(r"missing required field `(\w+)`")


class _Message(msgspec.Struct, rename="camel", frozen=True, gc=False):
    message_id: _Text
    publish_time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: bytes = b""
    attributes: dict[str, str] = {}
    ordering_key: str = ""


class _Envelope(msgspec.Struct, rename="camel", frozen=True, gc=False):
    message: _Message
    subscription: _Text
    delivery_attempt: Annotated[int, msgspec.Meta(ge=1)] | None = None


_decode = msgspec.json.Decoder(_Envelope).decode


def parse_push(body: bytes) -> Delivery:
    """The delivery in the body of a push; raises `Malformed`, naming the field, for anything else."""
    try:
        envelope = _decode(body)
        published_at = in_utc(envelope.message.publish_time)
    except msgspec.ValidationError as error:
        raise Malformed(_problem(str(error))) from error
    except NO_JSON as error:
        raise Malformed(Problem("", "the body is not JSON")) from error
    except ValueError as error:
        raise Malformed(Problem("/message/publishTime", str(error))) from error
    pushed = envelope.message
    message = Message(pushed.data, pushed.attributes, pushed.ordering_key)
    name = envelope.subscription.rpartition("/")[2]
    return Delivery(message, pushed.message_id, name, envelope.delivery_attempt, published_at)


def _problem(text: str) -> Problem:
    """The problem in an error of msgspec, whose text ends with the position and quotes no value."""
    position, missing = _POSITION.search(text), _MISSING.search(text)
    field = (position[1].replace(".", "/") if position else "") + (f"/{missing[1]}" if missing else "")
    return Problem(field, _POSITION.sub("", text))
