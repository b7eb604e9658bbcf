"""A message's bytes become the event they tell of, or an error that a person understands."""

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.deadline import Deadline
from shared.errors import Invalid, Malformed, Misconfigured, Problem, SlackerError, Unavailable, UnknownSchema
from shared.events.avro.event_codecs import CODECS
from shared.events.avro.events import EventDecoder, Tombstone, encode, topic_of
from shared.events.avro.framing import registry_framed, single_object
from shared.events.avro.registry import NoRegistry
from shared.events.avro.topic_encoding import TombstoneMeaning, topics, versions
from shared.events.events import Direction, Event, Kind, Transaction, reversal
from tests.shared.events.avro.test_resolution import plain
from tests.support.avro_generation import AT, EXAMPLES, PURCHASE, events
from tests.support.deadlines import plenty

TOPICS = topics()
REGISTERED = {7: "transactions", 8: "overdrafts"}


class Schemas:
    """A registry of what is given; an error is raised."""

    def __init__(self, schemas: dict[int, Any] | None = None) -> None:
        self.schemas = schemas or {
            number: plain(dict(versions(topic)[0].parsed)) for number, topic in REGISTERED.items()
        }  # fmt: skip

    async def schema(self, number: int, deadline: Deadline) -> Any:
        schema = self.schemas.get(number, UnknownSchema("none"))
        if isinstance(schema, SlackerError):
            raise schema
        return schema

    async def close(self) -> None:
        """Nothing is open."""


DECODER = EventDecoder(Schemas(), TOPICS)


async def decoded(topic: str, data: bytes, decoder: EventDecoder = DECODER) -> Event | Tombstone:
    return await decoder.decode(topic, data, plenty())


async def refused(topic: str, data: bytes, decoder: EventDecoder = DECODER) -> list[Problem]:
    with pytest.raises(Invalid) as caught:
        await decoded(topic, data, decoder)
    return list(caught.value.problems)


def record(**parts: Any) -> bytes:
    """A transaction's record, with other values than any event has."""
    body = BytesIO()
    fastavro.schemaless_writer(
        body, dict(versions("transactions")[0].parsed), {**CODECS["transactions"].write(PURCHASE), **parts}
    )
    return body.getvalue()  # fmt: skip


@given(events)
async def test_an_event_comes_back_as_it_was_however_it_is_framed(event: Event) -> None:
    topic, body = topic_of(event), encode(event)
    assert await decoded(topic, body) == event
    assert await decoded(topic, single_object(versions(topic)[0].fingerprint, body)) == event
    number = next((number for number, name in REGISTERED.items() if name == topic), None)
    if number is not None:
        assert await decoded(topic, registry_framed(number, body)) == event


@given(
    st.sampled_from(sorted(TOPICS)), st.sampled_from([b"", b"\x00\x00\x00\x00\x07", b"\xc3\x01"]), st.binary(min_size=1)
)
async def test_whatever_bytes_come_there_is_an_event_that_reads_the_same_or_a_reason(
    topic: str, head: bytes, tail: bytes
) -> None:
    try:
        event = await decoded(topic, head + tail)
    except Invalid as error:
        assert all(problem.message for problem in error.problems)  # noqa: PT017 - both ends are right
        assert error.problems  # noqa: PT017
    except UnknownSchema:
        assert head or tail[0] in (0x00, 0xC3)  # only a framed message names a schema
    else:
        assert not isinstance(event, Tombstone)
        assert encode(event) == (tail if not head else tail[len(tail) - len(encode(event)) :])


@given(events, st.data())
async def test_a_record_cut_short_is_malformed(event: Event, data: st.DataObject) -> None:
    body = encode(event)
    cut = body[: data.draw(st.integers(1, len(body) - 1))]
    with pytest.raises(Malformed):
        await decoded(topic_of(event), cut)


@given(events, st.binary(min_size=1, max_size=20))
async def test_bytes_behind_the_record_are_malformed(event: Event, more: bytes) -> None:
    assert await refused(topic_of(event), encode(event) + more) == [
        Problem("", f"the end of the record expected, {len(more)} more bytes came")
    ]


@given(events, st.data())
async def test_a_byte_changed_is_another_event_or_a_reason(event: Event, data: st.DataObject) -> None:
    """Never an exception of another kind."""
    body = bytearray(encode(event))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        await decoded(topic_of(event), bytes(body))
    except (Invalid, UnknownSchema) as error:
        assert str(error)  # noqa: PT017 - both ends are right


TOO_MUCH = Problem("/amount/minor", "a whole number from 0 to 1000000000000000 expected")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"event_id": "x" * 129}, [Problem("/event_id", "1 to 128 characters expected")]),
        ({"occurred_at": 2**62}, [Problem("/occurred_at", "a time in the years 1980 to 2099 expected")]),
        ({"amount": {"minor": -1, "currency": "EUR"}}, [TOO_MUCH]),
        (
            {"amount": {"minor": 10**15 + 1, "currency": "eur"}},
            [
                TOO_MUCH,
                Problem("/amount/currency", "three capital letters (ISO 4217) expected"),
            ],
        ),
        (
            {"category": "54", "country": "BEL"},
            [
                Problem("/category", "four digits (ISO 18245) expected"),
                Problem("/country", "two capital letters (ISO 3166-1) expected"),
            ],
        ),
        ({"latitude": float("nan")}, [Problem("/latitude", "a number from -90 to 90 expected")]),
        ({"longitude": 180.5}, [Problem("/longitude", "a number from -180 to 180 expected")]),
        ({"longitude": None}, [Problem("/longitude", "both or none expected")]),
        ({"kind": "reversal"}, [Problem("/reverses", "is required of a reversal and of a dispute")]),
        ({"payee": ""}, [Problem("/payee", "1 to 128 characters expected")]),
    ],
)  # fmt: skip
async def test_what_is_out_of_range_is_told_by_name_and_without_its_value(
    parts: dict[str, Any], expected: list[Problem]
) -> None:
    body = record(**parts)
    assert await refused("transactions", body[:4] if parts == {"event_id": ""} else body) == expected


def test_an_event_that_could_not_be_read_is_not_written() -> None:
    with pytest.raises(Invalid):
        encode(replace(PURCHASE, channel="by pigeon"))


async def test_an_event_id_is_never_empty() -> None:
    """Its record would begin with 00, which is a registry's mark: it is read so, and names no schema that fits."""
    with pytest.raises((Invalid, UnknownSchema)):
        await decoded("transactions", record(event_id=""))


@pytest.mark.parametrize("topic", sorted(TOPICS))
async def test_no_body_is_a_tombstone_and_means_what_it_means_for_the_topic(topic: str) -> None:
    means = TombstoneMeaning.FORGET_SNAPSHOT if topic == "client-snapshots" else TombstoneMeaning.NOTHING
    tombstone = await DECODER.decode(topic, b"", plenty(), key="c-10023")
    assert tombstone == Tombstone(topic, "c-10023", means)
    assert "c-10023" not in repr(tombstone)


async def test_nothing_is_expected_from_another_topic() -> None:
    with pytest.raises(Misconfigured):
        await decoded("nobody-knows", encode(PURCHASE))


@pytest.mark.parametrize("topic", sorted(TOPICS))
async def test_a_record_of_one_topic_is_no_event_of_another(topic: str) -> None:
    others = [event for other, event in EXAMPLES.items() if other != topic]
    for event in others:
        assert await refused(topic, encode(event)), topic_of(event)


async def test_a_schema_of_another_topic_cannot_write_this_one() -> None:
    message = (
        "its schema cannot be read as that of the topic: slacker.events.Transaction expected, another name was written"
    )
    assert await refused("transactions", registry_framed(8, encode(EXAMPLES["overdrafts"]))) == [Problem("", message)]


async def test_a_schema_that_is_not_known_may_be_so_later() -> None:
    """By its number; the second time the registry has it. By its fingerprint nobody is asked."""
    registry = Schemas({1: UnknownSchema("none")})
    decoder = EventDecoder(registry, TOPICS)
    message = registry_framed(1, encode(PURCHASE))
    with pytest.raises(UnknownSchema):
        await decoded("transactions", message, decoder)
    registry.schemas[1] = plain(dict(versions("transactions")[0].parsed))
    assert await decoded("transactions", message, decoder) == PURCHASE
    with pytest.raises(UnknownSchema):
        await decoded("transactions", single_object(b"\0" * 8, encode(PURCHASE)))
    with pytest.raises(UnknownSchema):
        await decoded("transactions", message, EventDecoder(NoRegistry(), TOPICS))


async def test_a_registry_that_is_down_is_no_fault_of_the_message() -> None:
    with pytest.raises(Unavailable):
        await decoded(
            "transactions", registry_framed(1, b"\x00"), EventDecoder(Schemas({1: Unavailable("down")}), TOPICS)
        )


@pytest.mark.parametrize("schema", [None, "string", {}, {"type": "record"}, json.loads("[[[[[[]]]]]]"), 7])
async def test_what_is_registered_and_no_schema_of_a_record_is_refused(schema: Any) -> None:
    decoder = EventDecoder(Schemas({1: schema}), TOPICS)
    assert await refused("transactions", registry_framed(1, encode(PURCHASE)), decoder)


async def test_a_schema_is_asked_for_once() -> None:
    registry = Schemas()
    decoder = EventDecoder(registry, TOPICS)
    message = registry_framed(7, encode(PURCHASE))
    first = await decoded("transactions", message, decoder)
    registry.schemas.clear()
    assert await decoded("transactions", message, decoder) == first


async def test_time_is_exact_to_the_microsecond() -> None:
    for at in (datetime(1980, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), AT):
        assert await decoded("transactions", encode(replace(PURCHASE, occurred_at=at))) == replace(
            PURCHASE, occurred_at=at
        )


async def test_a_reversal_keeps_what_it_takes_back() -> None:
    taken_back = reversal(PURCHASE, "r-1", AT)
    event = await decoded("transactions", encode(taken_back))
    assert isinstance(event, Transaction)
    assert (event.kind, event.reverses, event.reverses_at) == (Kind.REVERSAL, PURCHASE.event_id, PURCHASE.occurred_at)
    assert (event.direction, event.amount) == (Direction.CREDIT, PURCHASE.amount)
