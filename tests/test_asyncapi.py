"""The AsyncAPI document of all topics says what the schemas and the code say."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from msgspec.structs import fields

from shared import schema_files
from shared.events.avro.event_codecs import CODECS
from shared.events.avro.events import EventDecoder, encode, topic_of
from shared.events.avro.registry import NoRegistry
from shared.events.avro.schema import parse
from shared.events.avro.topic_encoding import topics, versions
from shared.events.decision import parse_decision
from shared.messaging import dead_letter_publisher as dead_letters
from tests.shared.events.avro.test_resolution import read, written
from tests.support.deadlines import plenty

PATH = "asyncapi/events.v1.json"
DOCUMENT = schema_files.load(PATH)
MESSAGES = DOCUMENT["components"]["messages"]


def message_of(topic: str) -> Any:
    """The one message of a channel."""
    (message,) = DOCUMENT["channels"][topic]["messages"].values()
    return at(message["$ref"])


def at(reference: str) -> Any:
    """What a reference within the document points to."""
    node: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def references(value: Any) -> Iterator[str]:
    """Every `$ref` below `value`."""
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else []
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def file_of(reference: str) -> str:
    """The contract that a reference to another file names, relative to `schemas/`."""
    return (schema_files.ROOT / PATH).parent.joinpath(reference).resolve().relative_to(schema_files.ROOT).as_posix()


def test_it_has_the_form_of_asyncapi_3() -> None:
    """As far as it can be told without the standard's own schema, to which it was held when it was written."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT.keys() == {"asyncapi", "info", "servers", "channels", "operations", "components"}
    for channel in DOCUMENT["channels"].values():
        assert channel.keys() == {"address", "title", "description", "messages"}
    for operation in DOCUMENT["operations"].values():
        assert operation.keys() == {"action", "channel", "summary", "description", "messages"}
        assert operation["action"] in {"send", "receive"}


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        assert at(reference) if reference.startswith("#/") else schema_files.load(file_of(reference))


def test_an_operation_has_the_message_of_its_channel() -> None:
    for operation in DOCUMENT["operations"].values():
        channel = operation["channel"]["$ref"]
        assert [message["$ref"] for message in operation["messages"]] == [
            f"{channel}/messages/{name}" for name in at(channel)["messages"]
        ]


def test_every_channel_is_used_and_every_message_sent_by_one() -> None:
    used = {operation["channel"]["$ref"].removeprefix("#/channels/") for operation in DOCUMENT["operations"].values()}
    assert used == DOCUMENT["channels"].keys()
    sent = {reference for channel in DOCUMENT["channels"].values() for reference in references(channel)}
    assert sent == {f"#/components/messages/{name}" for name in MESSAGES}


def test_there_is_a_channel_for_every_topic() -> None:
    assert DOCUMENT["channels"].keys() == {*CODECS, "decisions", dead_letters.EVENTS}
    assert [channel["address"] for channel in DOCUMENT["channels"].values()] == list(DOCUMENT["channels"])


@pytest.mark.parametrize("topic", sorted(CODECS))
def test_an_event_is_described_by_the_newest_avro_schema_that_the_code_reads(topic: str) -> None:
    payload = message_of(topic)["payload"]
    assert payload["schemaFormat"].startswith("application/vnd.apache.avro;version=1.")
    path = file_of(payload["schema"]["$ref"])
    assert path == f"avro/{topic}.v{len(versions(topic))}.avsc"
    schema, shape = parse(schema_files.load(path)), CODECS[topic]
    assert schema.name.rpartition(".")[2] == message_of(topic)["name"] == shape.event.__name__
    assert {field["name"] for field in schema.parsed["fields"]} == {field.name for field in fields(shape.event)}


@pytest.mark.parametrize("topic", sorted(CODECS))
async def test_an_example_is_a_record_of_its_schema_and_an_event(topic: str) -> None:
    """Field by field, and encoded as it is read."""
    schema = versions(topic)[-1]
    (example,) = message_of(topic)["examples"]
    record = example["payload"]
    assert list(record) == [field["name"] for field in schema.parsed["fields"]]
    body = written(schema, record)
    assert read(schema, schema, body) == record
    event = await EventDecoder(NoRegistry(), topics()).decode(topic, body, plenty())
    assert isinstance(event, CODECS[topic].event)
    assert (topic_of(event), encode(event)) == (topic, body)


def test_a_decision_is_an_entry_with_a_line_of_the_log() -> None:
    decision = message_of("decisions")
    line = decision["payload"]["properties"]["jsonPayload"]
    assert file_of(line["$ref"]) == "json/log_line.v1.json"
    for example in decision["examples"]:
        jsonschema_rs.validate(schema_files.load("json/log_line.v1.json"), example["payload"]["jsonPayload"])
        assert (
            example["payload"]["jsonPayload"].keys() <= schema_files.load("json/log_line.v1.json")["properties"].keys()
        )
        assert parse_decision(msgspec.json.encode(example["payload"])) is not None


def test_a_dead_letter_has_the_attributes_that_the_code_sets() -> None:
    declared = message_of(dead_letters.EVENTS)["headers"]
    names = {
        value for value in vars(dead_letters).values() if isinstance(value, str) and value.startswith("slacker-")
    }  # fmt: skip
    assert declared["properties"].keys() == names
    for example in message_of(dead_letters.EVENTS)["examples"]:
        jsonschema_rs.validate(declared, example["headers"])
