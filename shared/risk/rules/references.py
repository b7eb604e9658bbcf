"""A rule set's question variables, held against the question of the operation that it decides about."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.errors import Problem
from shared.expressions.variables import Type, Variable
from shared.json_pointer import split
from shared.risk.rules.rule_set import RuleSet
from shared.schema_fields import field, pointers
from shared.suggestions import did_you_mean

_NUMBERS = frozenset(("integer", "number"))
_READ_FROM = {
    Type.BOOL: frozenset(("boolean",)),
    Type.INT: _NUMBERS,
    Type.DOUBLE: _NUMBERS,
    Type.STRING: frozenset(("string",)),
    Type.LIST_STRING: frozenset(("array",)),
    Type.LIST_INT: frozenset(("array",)),
}
"""The JSON types of fields in which a value of a type can stand."""


def reference_problems(rule_set: RuleSet, question: Mapping[str, Any], operation: str) -> list[Problem]:
    """The variables that no question under the schema `question` has a value for; `operation` is how people know it."""
    variables = list(rule_set.variables)[rule_set.question_from :]
    return [problem for variable in variables for problem in _problems(variable, question, operation)]


def _problems(variable: Variable, question: Mapping[str, Any], operation: str) -> Iterator[Problem]:
    pointer, where = variable.pointer or "", f"/variables/{variable.name}"
    declared = field(question, split(pointer))
    if declared is None:
        suggestion = did_you_mean(pointer, pointers(question))
        yield Problem(f"{where}/pointer", f"leads nowhere in the question of {operation}{suggestion}")
        return
    types = declared.get("type", ())
    names = {types} if isinstance(types, str) else set(types)
    if names and not names & _READ_FROM[variable.type]:
        kinds = " or ".join(sorted(names))
        yield Problem(f"{where}/type", f"the question of {operation} has a JSON {kinds} at {pointer}")
