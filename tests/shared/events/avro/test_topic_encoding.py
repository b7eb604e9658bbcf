"""What is agreed for each topic, and that the schemas, the code and the other contracts say the same."""

from typing import Any

import pytest
from msgspec.structs import fields

from shared import schema_files
from shared.events.avro.event_codecs import CODECS, Channel
from shared.events.avro.fields import Field, FieldType
from shared.events.avro.framing import Framing
from shared.events.avro.schema import kind
from shared.events.avro.topic_encoding import topics, versions
from shared.privacy import ANNOTATION, DataClass

NEWEST = {topic: versions(topic)[-1] for topic in CODECS}
FIELDS = [(topic, field) for topic, schema in NEWEST.items() for field in schema.parsed["fields"]]


def test_there_is_a_schema_for_every_topic_and_a_topic_for_every_schema() -> None:
    files = {path.name for path in (schema_files.ROOT / "avro").iterdir()}
    assert files == {f"{topic}.v{i + 1}.avsc" for topic in CODECS for i in range(len(versions(topic)))}


@pytest.mark.parametrize("topic", sorted(CODECS))
def test_the_first_field_is_an_id_that_is_never_empty(topic: str) -> None:
    """Framing relies on it; that it is never empty is checked with every event."""
    for schema in versions(topic):
        assert (schema.parsed["fields"][0]["name"], schema.parsed["fields"][0]["type"]) == ("event_id", "string")


@pytest.mark.parametrize("topic", sorted(CODECS))
def test_a_record_has_the_parts_that_the_event_has(topic: str) -> None:
    shape, schema = CODECS[topic], NEWEST[topic]
    assert {field["name"] for field in schema.parsed["fields"]} == {*shape.required, *shape.optional}
    assert {field.name for field in fields(shape.event)} == {*shape.required, *shape.optional}
    assert {field.name for field in fields(shape.event) if field.required} <= shape.required.keys()


@pytest.mark.parametrize("topic", sorted(CODECS))
def test_what_an_event_must_have_has_no_default_and_what_it_may_have_is_null(topic: str) -> None:
    shape = CODECS[topic]
    for field in NEWEST[topic].parsed["fields"]:
        optional = isinstance(field["type"], list) and field["type"][0] == "null" and field.get("default", "") is None
        assert optional is (field["name"] in shape.optional), field["name"]


SORTS: dict[tuple[str, str | None], set[FieldType]] = {
    ("string", None): {FieldType.TEXT},
    ("enum", None): {FieldType.WORD},
    ("boolean", None): {FieldType.FLAG},
    ("int", None): {FieldType.INTEGER},
    ("long", None): {FieldType.MINOR},
    ("double", None): {FieldType.NUMBER},
    ("long", "timestamp-micros"): {FieldType.TIME},
    ("int", "date"): {FieldType.DAY},
    ("record", None): {FieldType.MONEY},
}


def bare(topic: str, schema: Any) -> Any:
    """A type out of its union with null."""
    schema = schema[1] if isinstance(schema, list) else schema
    return NEWEST[topic].names.get(schema, schema) if isinstance(schema, str) else schema


@pytest.mark.parametrize(
    ("topic", "field"), FIELDS, ids=lambda value: value if isinstance(value, str) else value["name"]
)
def test_a_field_is_of_the_sort_that_the_code_reads(topic: str, field: dict[str, Any]) -> None:
    part: Field = {**CODECS[topic].required, **CODECS[topic].optional}[field["name"]]
    schema = bare(topic, field["type"])
    logical = schema.get("logicalType") if isinstance(schema, dict) else None
    assert part.type in SORTS[kind(schema), logical]
    if part.type is FieldType.WORD:
        assert set(schema["symbols"]) == part.words
    if part.type is FieldType.MONEY:
        assert [inner["name"] for inner in schema["fields"]] == ["minor", "currency"]


def leaves(topic: str, field: dict[str, Any]) -> list[dict[str, Any]]:
    """The field, or the fields of the record in it."""
    schema = bare(topic, field["type"])
    if kind(schema) == "record":
        return [leaf for inner in schema["fields"] for leaf in leaves(topic, inner)]
    return [field]


@pytest.mark.parametrize(
    ("topic", "field"), FIELDS, ids=lambda value: value if isinstance(value, str) else value["name"]
)
def test_every_field_says_what_it_is_and_how_guarded(topic: str, field: dict[str, Any]) -> None:
    assert field["doc"]
    for leaf in leaves(topic, field):
        assert leaf["doc"]
        assert DataClass(leaf[ANNOTATION])


@pytest.mark.parametrize("topic", sorted(CODECS))
def test_a_type_that_grows_has_a_symbol_for_what_is_not_known_yet(topic: str) -> None:
    for schema in versions(topic):
        for named in schema.names.values():
            if named["type"] == "enum" and named["name"] != "slacker.events.Direction":
                assert named["default"] == named["symbols"][0] == "other"


def test_channels_are_those_of_the_questions_and_other() -> None:
    question = schema_files.load("json/operations/transaction.v1.json")
    channels = question["properties"]["context"]["properties"]["channel"]["enum"]
    assert {*Channel} == {*channels, "other"}


def test_a_mapping_takes_the_place_of_ours_and_declares_its_framing() -> None:
    ours, theirs = topics(), topics(["example-core-banking"])
    assert ours.keys() == theirs.keys()
    assert {topic.framing for topic in ours.values()} == {Framing.BY_FIRST_BYTES}
    assert [name for name in ours if ours[name].framing != theirs[name].framing] == ["transactions"]
    assert theirs["transactions"].framing is Framing.REGISTRY
