"""The archive files of messages, as a Cloud Storage subscription writes them: Avro with metadata.

An object container file (Avro 1.11) of records as Google documents them for `write_metadata`:
https://cloud.google.com/pubsub/docs/create-cloudstorage-subscription. The message's body is `data`, untouched; an
ordering key stands among the attributes. The subscription's short name reads `{topic}.archive`: the part before the
first dot tells the topic.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from fastavro import parse_schema, reader, writer

from shared.errors import Malformed, Problem
from shared.messaging import topics
from shared.messaging.messages import Delivery, Message
from shared.times import in_utc

SCHEMA: Any = parse_schema(
    {
        "type": "record",
        "namespace": "com.google.pubsub",
        "name": "PubsubMessageWithMetadata",
        "fields": [
            {"name": "subscription_name", "type": "string"},
            {"name": "message_id", "type": "string"},
            {"name": "publish_time", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "attributes", "type": {"type": "map", "values": "string"}},
            {"name": "data", "type": "bytes"},
        ],
    }
)
"""Google's schema of a record."""

SUFFIX = ".avro"
ORDERING_KEY = "ordering_key"
"""The name under which an ordering key stands among the attributes."""

_CODEC = "deflate"  # ours; Google's files may be of any codec that Avro requires


def append(file: IO[bytes], deliveries: Iterable[Delivery]) -> None:
    """Append `deliveries` to a container file, opened for reading and appending bytes; an empty one is begun."""
    writer(file, SCHEMA, (_record(delivery) for delivery in deliveries), codec=_CODEC)
    file.flush()


def read(file: IO[bytes]) -> Iterator[Delivery]:
    """The deliveries in a file, as they were written. Raises `Malformed` where it is broken, after what is whole."""
    try:
        for record in reader(file):
            yield _delivery(record)
    except OSError:
        raise
    except Exception as error:  # whatever fastavro runs into in a broken file
        raise Malformed(Problem("file", f"a container file of {SCHEMA['name']} expected")) from error


def topic_of(delivery: Delivery) -> str:
    """The topic that an archived message was published to."""
    return topics.topic_of(delivery.subscription)


def _record(delivery: Delivery) -> dict[str, Any]:
    message = delivery.message
    attributes = dict(message.attributes)
    if message.ordering_key:
        attributes[ORDERING_KEY] = message.ordering_key
    return {
        "subscription_name": delivery.subscription,
        "message_id": delivery.id,
        "publish_time": delivery.published_at,
        "attributes": attributes,
        "data": message.data,
    }


def _delivery(record: Any) -> Delivery:
    attributes = dict(record["attributes"])
    ordering_key = attributes.pop(ORDERING_KEY, "")
    published_at: datetime = record["publish_time"]
    return Delivery(
        Message(record["data"], attributes, ordering_key),
        record["message_id"],
        record["subscription_name"].rpartition("/")[2],
        None,
        in_utc(published_at),
    )
