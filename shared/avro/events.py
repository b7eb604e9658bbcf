"""A message's bytes as the event they tell of, whoever wrote them and with whichever version; and an event as bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

from fastavro import schemaless_writer

from shared.avro.framing import Frame, frame
from shared.avro.primitives import Reading
from shared.avro.reader import reader
from shared.avro.registry import Registry
from shared.avro.schema import Schema, parse
from shared.avro.shapes import SHAPES, TOPICS
from shared.avro.topics import Meaning, Topic, versions
from shared.deadline import Deadline
from shared.errors import Invalid, Malformed, Misconfigured, Problem, UnknownSchema
from shared.events.events import Event


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A message without a body. `key` is the message's, where it has one: of a snapshot, the client."""

    topic: str
    key: str | None = field(repr=False)
    means: Meaning


class EventDecoder:
    """Decodes the messages of `topics`; schemas that messages name by number are found in `registry`.

    It keeps what it settled for each schema that wrote; whoever may register schemas bounds how many there are.
    """

    def __init__(self, registry: Registry, topics: Mapping[str, Topic]) -> None:
        self._registry = registry
        self._topics = topics
        self._readings: dict[tuple[str, int | bytes | None], Reading] = {}

    async def decode(self, topic: str, data: bytes, deadline: Deadline, key: str | None = None) -> Event | Tombstone:
        """The event in a message's `data`, or the tombstone that no data is.

        Raises `Invalid` for what is no such event, naming fields and never values (`Malformed` where the bytes are no
        record); `UnknownSchema` for a schema that is not known, or not yet; `Unavailable` or `DeadlineExceeded` where
        the registry cannot tell; `Misconfigured` for a topic that nothing is agreed for.
        """
        agreed = self._topics.get(topic)
        if agreed is None:
            raise Misconfigured(f"no events are expected from the topic {topic}")
        if not data:
            return Tombstone(topic, key, agreed.tombstone)
        writer, start = framed = frame(data, agreed.framing)
        reading = self._readings.get((topic, writer))
        if reading is None:
            reading = self._readings[topic, writer] = await self._settle(agreed, framed, deadline)
        record, end = reading(data, start)
        if end != len(data):
            raise Malformed(Problem("", f"the end of the record expected, {len(data) - end} more bytes came"))
        return agreed.event(record)

    async def _settle(self, agreed: Topic, framed: Frame, deadline: Deadline) -> Reading:
        """The reading of what the frame's schema wrote."""
        schema = await self._written_with(agreed, framed.writer, deadline)
        try:
            return reader(schema, agreed.expected)
        except Invalid as error:
            told = "its schema cannot be read as that of the topic"
            raise Invalid(*(Problem(each.field, f"{told}: {each.message}") for each in error.problems)) from error

    async def _written_with(self, agreed: Topic, writer: int | bytes | None, deadline: Deadline) -> Schema:
        if writer is None:
            return agreed.plain
        if isinstance(writer, int):
            return parse(await self._registry.schema(writer, deadline))
        known = agreed.known.get(writer)
        if known is None:
            raise UnknownSchema(f"no schema of the topic {agreed.name} has the fingerprint {writer.hex()}")
        return known


def topic_of(event: Event) -> str:
    """The topic that `event` comes from."""
    return TOPICS[type(event)]


def encode(event: Event) -> bytes:
    """`event` as a plain record of version 1 of its topic's schema. Raises `Invalid` for one that breaks it."""
    topic = topic_of(event)
    body = BytesIO()
    schemaless_writer(body, dict(versions(topic)[0].parsed), SHAPES[topic].write(event))
    return body.getvalue()
