"""Conditions are compiled by whoever declares variables: here by made-up achievements, without anything of risk."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.expressions.compiler import assignments, compile_condition, define
from shared.expressions.parser import Scope, parse_condition
from shared.expressions.variables import Type, Variable, Variables
from tests.shared.expressions.generation import EXAMPLES
from tests.shared.expressions.oracle import evaluate

VARIABLES = Variables(
    [
        Variable("progress.days_in_a_row", Type.INT, 0, 1000),
        Variable("progress.saved", Type.DOUBLE, 0, 1e9),
        Variable("progress.categories", Type.LIST_STRING),
        Variable("event.category", Type.STRING),
        Variable("client.student", Type.BOOL),
    ]
)
NOW = 1_800_000_000.0
LISTS = {"green": {"transit": math.inf, "bicycles": NOW + 1}, "past": {"transit": NOW}}
SCOPE = Scope(VARIABLES, LISTS)

ACHIEVEMENTS = [
    "progress.days_in_a_row >= 7",
    "progress.days_in_a_row >= 7 && progress.saved > 100.0",
    "client.student || progress.saved / double(progress.days_in_a_row) > 5.0",
    "event.category in lists.green && !(event.category in progress.categories)",
    "event.category in lists.past",
    "client.student ? progress.saved >= 10.0 : progress.saved >= 50.0",
    "!client.student && (progress.days_in_a_row % 7 == 0 || event.category == 'transit')",
]

CATEGORIES = st.sampled_from(["transit", "bicycles", "food"])
PROGRESS = st.fixed_dictionaries(
    {},
    optional={
        "progress.days_in_a_row": st.integers(0, 1000),
        "progress.saved": st.floats(0, 1e9),
        "progress.categories": st.lists(CATEGORIES, max_size=2),
        "event.category": CATEGORIES,
        "client.student": st.booleans(),
    },
)


@pytest.mark.parametrize("text", ACHIEVEMENTS)
def test_an_achievement_s_condition_is_true_false_or_unknown_as_a_plain_walk_over_it_says(text: str) -> None:
    expression = parse_condition(text, SCOPE)
    compiled = compile_condition(expression, VARIABLES, LISTS)

    @EXAMPLES
    @given(PROGRESS)
    def holds(environment: dict[str, Any]) -> None:
        values, _ = VARIABLES.vector(environment)
        assert compiled(values, NOW) == evaluate(expression, environment, LISTS, NOW)

    holds()


def test_a_false_operand_settles_what_a_missing_one_leaves_open() -> None:
    compiled = compile_condition(parse_condition("client.student && progress.saved > 1.0", SCOPE), VARIABLES, LISTS)
    missing = (None, None, None, None)
    assert [compiled((*missing, student), NOW) for student in (False, True, None)] == [False, None, None]


def test_a_traceback_names_the_condition_s_source() -> None:
    compiled = compile_condition(parse_condition("client.student", SCOPE), VARIABLES, LISTS, "achievements savings")
    assert compiled.__code__.co_filename == "<achievements savings>"


def test_source_reaches_nothing_of_python_but_what_it_is_handed() -> None:
    with pytest.raises(NameError, match="open"):
        define("x = open", {}, {}, "test")
    assert define("x = y", {}, {"y": 7}, "test")["x"] == 7


def test_variables_are_assigned_all_at_once_unless_most_would_go_unused() -> None:
    assert assignments(VARIABLES, {1}) == ["progress__saved = _values[1]"]
    assert assignments(VARIABLES, {0, 1, 4}) == [
        "progress__days_in_a_row, progress__saved, _, _, client__student, = _values"
    ]
