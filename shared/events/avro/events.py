"""Decodes the bytes of messages into events, whichever schema wrote them; and encodes events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

from fastavro import schemaless_writer

from shared.deadline import Deadline
from shared.errors import Invalid, Malformed, Misconfigured, Problem, UnknownSchema
from shared.events.avro.event_codecs import CODECS, TOPICS
from shared.events.avro.framing import Frame, frame
from shared.events.avro.primitives import Decoder
from shared.events.avro.registry import Registry
from shared.events.avro.resolution import compile_decoder
from shared.events.avro.schema import Schema, parse
from shared.events.avro.topic_encoding import TombstoneMeaning, TopicEncoding, versions
from shared.events.events import Event


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A message without a body. `key` is the message's key, if any: for a snapshot, the client's id."""

    topic: str
    key: str | None = field(repr=False)
    means: TombstoneMeaning


class EventDecoder:
    """Decodes the messages of `topics`; schemas that messages name by number are looked up in `registry`.

    A decoder is compiled for each schema that wrote messages, and cached without a limit: there are no more of them
    than schemas registered.
    """

    def __init__(self, registry: Registry, topics: Mapping[str, TopicEncoding]) -> None:
        self._registry = registry
        self._topics = topics
        self._decoders: dict[tuple[str, int | bytes | None], Decoder] = {}

    async def decode(self, topic: str, data: bytes, deadline: Deadline, key: str | None = None) -> Event | Tombstone:
        """The event in a message's `data`, or the tombstone that no data is.

        Raises `Invalid` for what is no such event, naming fields and never values (`Malformed` where the bytes are no
        record); `UnknownSchema` for a schema that is not registered, or not yet; `Unavailable` or
        `DeadlineExceeded` where the registry does not answer; `Misconfigured` for a topic without an encoding.
        """
        encoding = self._topics.get(topic)
        if encoding is None:
            raise Misconfigured(f"no events are expected from the topic {topic}")
        if not data:
            return Tombstone(topic, key, encoding.tombstone)
        writer, start = framed = frame(data, encoding.framing)
        decoder = self._decoders.get((topic, writer))
        if decoder is None:
            decoder = self._decoders[topic, writer] = await self._compile(encoding, framed, deadline)
        record, end = decoder(data, start)
        if end != len(data):
            raise Malformed(Problem("", f"the end of the record expected, {len(data) - end} more bytes came"))
        return encoding.event(record)

    async def _compile(self, encoding: TopicEncoding, framed: Frame, deadline: Deadline) -> Decoder:
        """The decoder of records that the frame's schema wrote."""
        schema = await self._writer_schema(encoding, framed.writer, deadline)
        try:
            return compile_decoder(schema, encoding.expected)
        except Invalid as error:
            prefix = "its schema cannot be read as that of the topic"
            problems = (Problem(problem.field, f"{prefix}: {problem.message}") for problem in error.problems)
            raise Invalid(*problems) from error

    async def _writer_schema(self, encoding: TopicEncoding, writer: int | bytes | None, deadline: Deadline) -> Schema:
        if writer is None:
            return encoding.plain
        if isinstance(writer, int):
            return parse(await self._registry.schema(writer, deadline))
        schema = encoding.schemas.get(writer)
        if schema is None:
            raise UnknownSchema(f"no schema of the topic {encoding.name} has the fingerprint {writer.hex()}")
        return schema


def topic_of(event: Event) -> str:
    """The topic that `event` comes from."""
    return TOPICS[type(event)]


def encode(event: Event) -> bytes:
    """`event` as a plain record of version 1 of its topic's schema. Raises `Invalid` for one that breaks it."""
    topic = topic_of(event)
    body = BytesIO()
    schemaless_writer(body, dict(versions(topic)[0].parsed), CODECS[topic].write(event))
    return body.getvalue()
