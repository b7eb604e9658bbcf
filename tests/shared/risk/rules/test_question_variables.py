"""A question's values are read by their pointers, and only what was declared gets in."""

from typing import Any

import pytest

from shared.expressions.variables import Type
from shared.risk.rules.question_variables import compile_question
from tests.support.builders.rule_documents import DOCUMENT, parsed

RATE = {"type": "double", "pointer": "/a~1b/0", "min": 0, "max": 1, "data_class": "none"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"amount": {"minor": 5}, "payee": "p", "attempt": 2}, ((5, "p", 2), 0b000)),
        ({"amount": {"minor": 5, "currency": "CZK"}, "attempt": 2}, ((5, None, 2), 0b010)),
        ({"amount": 5, "payee": None, "attempt": "2"}, ((None, None, None), 0b111)),
        ({"amount": {"minor": -1}, "payee": "", "attempt": 10}, ((None, "", None), 0b101)),
        ({"amount": {"minor": 5.0}, "payee": ["p"], "attempt": True}, ((None, None, None), 0b111)),
        ({}, ((None, None, None), 0b111)),
    ],
)
def test_what_is_absent_or_not_as_declared_is_missing(question: Any, expected: Any) -> None:
    assert compile_question(parsed())(question) == expected


def test_a_whole_number_for_a_double_becomes_one() -> None:
    read = compile_question(parsed(variables=DOCUMENT["variables"] | {"x.rate": RATE}))
    values, _ = read({"a/b": {"0": 1}})
    assert (values[-1], type(values[-1])) == (1.0, float)
    assert parsed(variables=DOCUMENT["variables"] | {"x.rate": RATE}).variables[6].type is Type.DOUBLE
