"""JSON Schema checks whose errors name fields and keep values to themselves."""

import time

import pytest

from shared.errors import Invalid, Problem
from shared.json_schema import JsonSchema

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {"id": {"type": "string", "pattern": "^a+$"}, "list": {"items": {"type": "integer"}}},
}


def fields(value: object) -> list[str]:
    with pytest.raises(Invalid) as raised:
        JsonSchema(SCHEMA).validate(value)
    return [problem.field for problem in raised.value.problems]


def test_a_valid_value_passes() -> None:
    JsonSchema(SCHEMA).validate({"id": "a"})
    assert fields({"id": "b"}) == ["/id"]


def test_a_missing_field_is_named_itself() -> None:
    assert fields({}) == ["/id"]


def test_a_place_in_a_list_is_named() -> None:
    assert fields({"id": "a", "list": [1, "x"]}) == ["/list/1"]


def test_at_most_twenty_problems_are_told() -> None:
    assert len(fields({"id": "a", "list": ["x"] * 1000})) == 20


def test_a_value_is_never_quoted() -> None:
    with pytest.raises(Invalid) as raised:
        JsonSchema(SCHEMA).validate({"id": "4111111111111111"})
    assert "4111" not in str(raised.value)


def test_a_name_that_may_be_anything_is_not_quoted_either() -> None:
    with pytest.raises(Invalid) as raised:
        JsonSchema({"propertyNames": {"pattern": "^[a-z]+$"}}).validate({"Jan the value": 1})
    assert str(raised.value) == '/: a name in it does not match "^[a-z]+$"'


def test_what_is_no_schema_is_refused() -> None:
    with pytest.raises(Invalid, match="not a JSON Schema"):
        JsonSchema({"type": "strange"})


def test_a_reference_to_elsewhere_is_refused_without_a_request() -> None:
    with pytest.raises(Invalid, match="not a JSON Schema"):
        JsonSchema({"$ref": "https://example.com/schema.json"})


def test_a_pattern_is_matched_in_linear_time_or_refused() -> None:
    with pytest.raises(Invalid):
        JsonSchema({"pattern": r"^(a|aa)+\1$"})
    begun = time.process_time()
    with pytest.raises(Invalid):
        JsonSchema({"pattern": "^(a|aa)+$"}).validate("a" * 60_000 + "!")
    assert time.process_time() - begun < 1


def test_what_is_nested_too_deeply_for_the_validator_is_invalid() -> None:
    value: object = 1
    for _ in range(500):
        value = {"a": value}
    with pytest.raises(Invalid) as raised:
        JsonSchema({"properties": {"a": {"const": 1}}}).validate(value)
    assert (Problem("", "is nested too deeply"),) == raised.value.problems


FORMS = {
    "type": "object",
    "oneOf": [{"required": ["letters"]}, {"required": ["filter", "limit"]}],
    "properties": {
        "letters": {"type": "integer"},
        "entry": {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["constant"],
                    "properties": {"constant": {"type": "string"}},
                },
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["from"],
                    "properties": {"from": {"type": "string"}, "unit": {"enum": ["major", "minor"]}},
                },
            ]
        },
    },
}


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({"entry": "a"}, ["/letters: is required"]),
        ({"filter": 1}, ["/: fits none of its forms: /letters: is required; or /limit: is required"]),
        ({"letters": 1, "filter": 2, "limit": 3}, ["/: only one of letters, filter and limit expected"]),
        ({"letters": 1, "entry": {"constant": 3}}, ['/entry/constant: the value is not of type "string"']),
        (
            {"letters": 1, "entry": {"from": 3, "unit": "minr"}},
            [
                '/entry/from: the value is not of type "string"',
                '/entry/unit: the value is not one of "major" or "minor"',
            ],
        ),
        (
            {"letters": 1, "entry": {"from": "a", "unot": "minor"}},
            ["/entry: Additional properties are not allowed ('unot' was unexpected)"],
        ),
        (
            {"letters": 1, "entry": {}},
            ["/entry: fits none of its forms: /entry/constant: is required; or /entry/from: is required"],
        ),
    ],
)
def test_of_several_forms_that_a_value_may_have_the_nearest_is_told(value: object, problems: list[str]) -> None:
    with pytest.raises(Invalid) as raised:
        JsonSchema(FORMS).validate(value)
    assert [str(problem) for problem in raised.value.problems] == problems


def test_forms_that_nothing_tells_apart_are_told_as_several() -> None:
    with pytest.raises(Invalid, match=r"/: only one of several forms expected"):
        JsonSchema({"oneOf": [{"type": "string"}, {"maxLength": 3}]}).validate("ab")
