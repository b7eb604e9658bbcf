"""The demo of a transformation: a transaction as it is in Kafka, and the message that Connect makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from local.kafka.connect import transformation
from local.kafka.polling import wait_until
from local.kafka.producer import Value, values
from local.kafka.stack import KafkaStack
from shared.events.avro.event_codecs import CODECS
from shared.events.events import Transaction

_ARRIVED_WITHIN = 60.0  # seconds
_METADATA = ("kafka.", "key")


@dataclass(frozen=True, slots=True)
class Transformed:
    """`before` are the fields of the record, `after` those of the message, which has a body of `bytes` bytes;
    `dead_letters` is how many records Connect could not convert, of those that were sent to show that.
    """

    before: dict[str, Any]
    after: dict[str, str]
    bytes: int
    dead_letters: int


async def transform(kafka: KafkaStack, events: Sequence[Transaction]) -> Transformed:
    """Send a framed record, and a plain one, which the converter cannot read. Raises `Unavailable`."""
    await kafka.transform()
    topic = transformation()["config"]["topics"]
    plain, framed = values(events[:2], {"transactions": kafka.schemas[topic]})
    await kafka.producer.send([_to(topic, plain), _to(topic, framed)])
    messages = await wait_until(lambda: kafka.pull(topic), f"a message of {topic}", _ARRIVED_WITHIN)
    letters = await wait_until(
        lambda: kafka.connect.dead_letters(transformation()["name"]), "a dead letter of Connect", _ARRIVED_WITHIN
    )
    written = {name: value for name, value in CODECS["transactions"].write(events[1]).items() if value is not None}
    attributes = {name: value for name, value in messages[0]["attributes"].items() if not name.startswith(_METADATA)}
    return Transformed(written, dict(sorted(attributes.items())), len(messages[0].get("data", "")), letters)


def _to(topic: str, value: Value) -> Value:
    return replace(value, topic=topic)
