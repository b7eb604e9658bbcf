"""The fields that a schema declares are found by pointers; what it leaves open is not denied."""

from typing import Any

import pytest

from shared.schema_fields import field, pointers, resolved

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "allOf": [{"if": {"required": ["posting"]}, "then": {"required": ["note"]}}],
    "properties": {
        "posting": {"$ref": "#/$defs/posting"},
        "note": {"type": ["string", "null"]},
        "open": {"type": "object", "properties": {"a": {"type": "integer"}}},
        "named": {"type": "object", "additionalProperties": False, "patternProperties": {"^x": {}}},
        "a/b~c": {"type": "boolean"},
    },
    "$defs": {
        "posting": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"amount": {"$ref": "#/$defs/amount"}},
        },
        "amount": {"type": "object", "additionalProperties": False, "properties": {"minor": {"type": "integer"}}},
        "circle": {"$ref": "#/$defs/circle"},
    },
}


@pytest.mark.parametrize(
    ("path", "declared"),
    [
        (("posting", "amount", "minor"), {"type": "integer"}),
        (("a/b~c",), {"type": "boolean"}),
        (("posting", "amuont", "minor"), None),
        (("note", "below"), None),
        (("nothing",), None),
        (("open", "a"), {"type": "integer"}),
        (("open", "b"), {}),
        (("named", "xyz"), {}),
    ],
)
def test_a_field_is_declared_or_cannot_be_or_is_left_open(path: tuple[str, ...], declared: object) -> None:
    assert field(SCHEMA, path) == declared


def test_all_that_is_declared_can_be_listed() -> None:
    assert pointers(SCHEMA) == (
        "/posting",
        "/posting/amount",
        "/posting/amount/minor",
        "/note",
        "/open",
        "/open/a",
        "/named",
        "/a~1b~0c",
    )


def test_of_a_schema_without_end_the_first_fields_are_listed() -> None:
    schema: dict[str, Any] = {"properties": {name: {"$ref": "#/$defs/x"} for name in "ab"}}
    schema["$defs"] = {"x": {"properties": dict(schema["properties"])}}
    assert len(pointers(schema)) == 1000


def test_a_reference_in_a_circle_or_to_elsewhere_stands_for_itself() -> None:
    assert resolved(SCHEMA, {"$ref": "#/$defs/circle"}) == {"$ref": "#/$defs/circle"}
    assert resolved(SCHEMA, {"$ref": "https://x.example/y"}) == {"$ref": "https://x.example/y"}
    assert resolved(SCHEMA, {"$ref": "#/$defs/nothing"}) == {}
