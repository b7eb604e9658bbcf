"""What a document says of its operations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.http.openapi import Parameter, component, description, operations
from tests.shared.http.toy_api import DOCUMENT

OPERATIONS = {operation.id: operation for operation in operations(DOCUMENT)}

SCHEMAS: list[dict[str, object]] = [
    {"type": "integer", "maximum": 5}, {"type": "boolean"}, {"enum": ["a", "b"]},
    {"type": "string", "pattern": "^a+$", "maxLength": 3}, {"type": "string", "format": "date-time"},
]  # fmt: skip


def parameter(schema: dict[str, object], *, location: str = "query", required: bool = False) -> Parameter:
    return Parameter("p", location, required, schema, {})


def test_operations_are_in_the_documents_order_with_their_paths_parameters_and_roles() -> None:
    write = OPERATIONS["notes.write"]
    assert [*OPERATIONS] == ["notes.list", "notes.search", "notes.read", "notes.write", "notes.delete", "describe"]
    assert (write.method, write.path, write.roles) == ("PUT", "/v1/notes/{note}", frozenset({"writer"}))
    assert [(parameter.name, parameter.location, parameter.required) for parameter in write.parameters] == [
        ("note", "path", True), ("if-match", "header", False), ("if-none-match", "header", False),
    ]  # fmt: skip


def test_a_tag_is_declared_by_an_answers_header() -> None:
    assert {name for name, operation in OPERATIONS.items() if operation.has_etag} == {"notes.read", "notes.write"}


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_whole_number_is_read_as_it_is_written(number: int) -> None:
    assert parameter({"type": "integer"}).value(str(number)) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", " 1", "²", "1_000", "9" * 16])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"\?p: a whole number expected"):
        parameter({"type": "integer"}).value(text)


def fields(made: Parameter, text: str) -> set[str]:
    """What is named where a text is refused."""
    try:
        made.value(text)
    except Invalid as error:
        return {problem.field for problem in error.problems}
    return set()


@given(st.sampled_from(SCHEMAS), st.text())
def test_what_is_refused_is_named_by_the_parameter(schema: dict[str, object], text: str) -> None:
    assert fields(parameter(schema, location="header"), text) <= {"p"}


@pytest.mark.parametrize(("schema", "value"), [({"default": 3}, 3), ({"type": "string"}, None)])
def test_a_parameter_that_is_not_there_has_its_default(schema: dict[str, object], value: object) -> None:
    assert parameter(schema).value(None) == value


def test_a_parameter_that_has_to_be_there_is_asked_for() -> None:
    with pytest.raises(Invalid, match=r"\?p: is required"):
        parameter({}, required=True).value(None)


def test_a_component_refers_to_itself_from_the_documents_root() -> None:
    schema = {"$schema": "x", "$id": "y", "$defs": {"a": {}}, "items": [{"$ref": "#/$defs/a"}]}
    assert component("Thing", schema) == {"$defs": {"a": {}}, "items": [{"$ref": "#/components/schemas/Thing/$defs/a"}]}


def test_what_is_served_has_the_schema_of_problems_and_is_made_once() -> None:
    served = description("openapi/operator.v1.json")
    assert served["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail"]
    assert served is description("openapi/operator.v1.json")
