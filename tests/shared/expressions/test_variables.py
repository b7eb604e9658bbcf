"""Variables are declared with type and range, and let in only what keeps them."""

import math
from typing import Any

import pytest

from shared.errors import Invalid
from shared.expressions.variables import Type, Variable, Variables, declared_variables
from shared.privacy import DataClass

AGE = Variable("client.age", Type.INT, 0, 150)
MEAN = Variable("client.mean", Type.DOUBLE, 0, 10)
NAME = Variable("client.name", Type.STRING)
KNOWN = Variable("client.known", Type.BOOL)
HOURS = Variable("client.hours", Type.LIST_INT, 0, 23)
PAYEES = Variable("client.payees", Type.LIST_STRING)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (AGE, 0),
        (AGE, 150),
        (MEAN, 0),
        (MEAN, 2.5),
        (NAME, ""),
        (KNOWN, False),
        (HOURS, [0, 23]),
        (HOURS, ()),
        (PAYEES, frozenset({"a"})),
    ],
)
def test_a_value_of_the_type_and_in_the_range_is_admitted(variable: Variable, value: Any) -> None:
    assert variable.admits(value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (AGE, -1),
        (AGE, 151),
        (AGE, 1.0),
        (AGE, True),
        (AGE, "1"),
        (AGE, None),
        (MEAN, 10.5),
        (MEAN, math.nan),
        (MEAN, math.inf),
        (MEAN, False),
        (NAME, 1),
        (KNOWN, 1),
        (HOURS, [24]),
        (HOURS, [True]),
        (HOURS, "12"),
        (PAYEES, "abc"),
        (PAYEES, ["a", 1]),
    ],
)
def test_any_other_value_is_not(variable: Variable, value: Any) -> None:
    assert not variable.admits(value)


def test_a_vector_has_each_value_in_its_place_and_a_bit_for_each_missing_one() -> None:
    variables = Variables([AGE, MEAN, NAME, KNOWN])
    environment = {"client.age": 200, "client.mean": 3, "client.known": True, "client.other": 1}
    values, missing = variables.vector(environment)
    assert (values, missing) == ((None, 3.0, None, True), 0b101)
    assert isinstance(values[1], float)


def test_variables_are_found_by_name_and_by_place() -> None:
    variables = Variables([AGE, MEAN]) + Variables([NAME])
    assert variables.names == ("client.age", "client.mean", "client.name")
    assert (variables.index("client.name"), variables[2], len(variables)) == (2, NAME, 3)
    assert ("client.mean" in variables, "client.maen" in variables) == (True, False)
    assert variables.mask(["client.name", "client.age", "client.name"]) == 0b101


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        (Variable("n", Type.INT), "a number needs a lowest and a highest value"),
        (Variable("n", Type.DOUBLE, 0), "a number needs a lowest and a highest value"),
        (Variable("n", Type.LIST_INT), "a number needs a lowest and a highest value"),
        (Variable("n", Type.INT, 2, 1), "not above the highest"),
        (Variable("n", Type.DOUBLE, 0, math.inf), "both finite"),
        (Variable("n", Type.DOUBLE, math.nan, 1), "both finite"),
        (Variable("n", Type.DOUBLE, 0, 10**400), "both finite"),
        (Variable("n", Type.INT, 0, 2**63), "whole numbers of 64 bits"),
        (Variable("n", Type.INT, 0.5, 1), "whole numbers of 64 bits"),
        (Variable("Client.age", Type.BOOL), "lower-case words"),
        (Variable("client..age", Type.BOOL), "lower-case words"),
        (Variable("client.a__b", Type.BOOL), "lower-case words"),
        (Variable("_a", Type.BOOL), "lower-case words"),
        (Variable("a\n", Type.BOOL), "lower-case words"),
        (Variable("lists.a", Type.BOOL), "reserved"),
        (Variable("true", Type.BOOL), "reserved"),
    ],
)
def test_a_variable_that_nothing_can_be_proven_with_is_refused(variable: Variable, expected: str) -> None:
    with pytest.raises(Invalid, match=expected):
        Variables([variable])


def test_two_variables_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="two variables have the same name"):
        Variables([AGE, AGE])


def test_features_are_read_from_their_schema_in_order() -> None:
    schema = {
        "properties": {
            "client.count": {"type": "integer", "minimum": 0, "maximum": 9, "x-data-class": "none", "description": "n"},
            "client.mean": {"type": "number", "minimum": 0, "maximum": 1},
            "client.flags": {"type": "array", "items": {"type": "string"}, "x-data-class": "pseudonymous"},
            "client.hours": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 23}},
            "client.new": {"type": "boolean", "x-data-class": "none"},
        }
    }
    assert list(declared_variables(schema)) == [
        Variable("client.count", Type.INT, 0, 9, DataClass.NONE, description="n"),
        Variable("client.mean", Type.DOUBLE, 0, 1, DataClass.PERSONAL),
        Variable("client.flags", Type.LIST_STRING, data_class=DataClass.PSEUDONYMOUS),
        Variable("client.hours", Type.LIST_INT, 0, 23, DataClass.PERSONAL),
        Variable("client.new", Type.BOOL, data_class=DataClass.NONE),
    ]


@pytest.mark.parametrize(
    "declared", [{"type": "object"}, {}, {"type": "array"}, {"type": "array", "items": {"type": "number"}}]
)
def test_a_feature_of_no_type_of_the_language_is_refused(declared: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=r"/properties/client\.x: expected boolean"):
        declared_variables({"properties": {"client.x": declared}})
