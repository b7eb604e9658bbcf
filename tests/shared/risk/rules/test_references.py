"""A rule set's variables stand in the question of its operation, as what they are read as."""

from typing import Any

import pytest

from shared.risk.rules.references import reference_problems
from tests.support.builders.rule_documents import DOCUMENT, parsed

NOWHERE = "leads nowhere in the question of transaction@3"
QUESTION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "attempt": {"type": "integer"},
        "payee": {"type": ["string", "null"]},
        "amount": {"type": "object", "additionalProperties": False, "properties": {"minor": {"type": "integer"}}},
    },
}


def problems(name: str, **changes: Any) -> list[str]:
    """What is wrong where one variable is declared otherwise."""
    variables = DOCUMENT["variables"]
    rule_set = parsed(variables={**variables, name: {**variables[name], **changes}})
    return [str(problem) for problem in reference_problems(rule_set, QUESTION, "transaction@3")]


def test_variables_that_stand_in_the_question_are_right() -> None:
    assert problems("operation.attempt") == []


@pytest.mark.parametrize(
    ("name", "changes", "problem"),
    [
        (
            "transaction.amount",
            {"pointer": "/amuont/minor"},
            f"/variables/transaction.amount/pointer: {NOWHERE}; did you mean '/amount/minor'?",
        ),
        (
            "transaction.amount",
            {"pointer": "/payee"},
            "/variables/transaction.amount/type: the question of transaction@3 has a JSON null or string at /payee",
        ),
        (
            "transaction.payee",
            {"pointer": "/amount"},
            "/variables/transaction.payee/type: the question of transaction@3 has a JSON object at /amount",
        ),
    ],
)
def test_one_that_never_has_a_value_is_told_with_its_field(name: str, changes: dict[str, Any], problem: str) -> None:
    assert problems(name, **changes) == [problem]


def test_what_a_question_leaves_open_is_not_denied() -> None:
    rule_set = parsed()
    assert reference_problems(rule_set, {"type": "object"}, "any") == []
