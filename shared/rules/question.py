"""Reads the values of a rule set's question variables out of a question."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.pointer import parts, value_at
from shared.rules.rule_set import RuleSet
from shared.rules.variables import Type

ReadQuestion = Callable[[Mapping[str, Any]], tuple[tuple[object, ...], int]]


def compile_question(rule_set: RuleSet) -> ReadQuestion:
    """A function from a question's JSON to its values, in the rule set's order, and the mask of what is missing.

    Bit 0 of the mask is the first question variable: shift it by `rule_set.question_from` to join it with that of the
    features. What is absent, null, of another type or out of the declared range is missing.
    """
    variables = list(rule_set.variables)[rule_set.question_from :]
    fields = [
        (1 << place, parts(variable.pointer or ""), variable.admits, variable.type is Type.DOUBLE)
        for place, variable in enumerate(variables)
    ]

    def read(question: Mapping[str, Any]) -> tuple[tuple[object, ...], int]:
        values = []
        missing = 0
        for bit, path, admits, is_double in fields:
            value = value_at(question, path)
            if value is None or not admits(value):
                value = None
                missing |= bit
            elif is_double:
                value = float(value)
            values.append(value)
        return tuple(values), missing

    return read
