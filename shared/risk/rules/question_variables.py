"""Reads the values of a rule set's question variables out of a question."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.expressions.variables import Type, Variable
from shared.json_pointer import resolve, split
from shared.risk.rules.rule_set import RuleSet

ReadQuestion = Callable[[Mapping[str, Any]], tuple[tuple[object, ...], int]]


def compile_question(rule_set: RuleSet) -> ReadQuestion:
    """A function from a question's JSON to its values, in the rule set's order, and the mask of what is missing.

    Bit 0 of the mask is the first question variable: shift it by `rule_set.question_from` to join it with that of the
    features. What is absent, null, of another type or out of the declared range is missing.
    """
    variables = list(rule_set.variables)[rule_set.question_from :]
    paths = [split(variable.pointer or "") for variable in variables]
    folders = sorted({path[:-1] for path in paths})
    fields = [
        (1 << position, folders.index(path[:-1]), path[-1], _reader(variable))
        for position, (path, variable) in enumerate(zip(paths, variables, strict=True))
    ]

    def read(question: Mapping[str, Any]) -> tuple[tuple[object, ...], int]:
        parents = [
            resolve(question, folder) for folder in folders
        ]  # each once: most fields have their folder in common
        values = []
        missing = 0
        for bit, folder, name, admitted in fields:
            inside = parents[folder]
            value = admitted(inside.get(name)) if isinstance(inside, dict) else None
            if value is None:
                missing |= bit
            values.append(value)
        return tuple(values), missing

    return read


def _reader(variable: Variable) -> Callable[[Any], object]:
    """A function that gives back a value if it is as declared, in the type that rules compute with, and else `None`."""
    low, high = variable.low, variable.high
    if variable.type is Type.STRING:
        return lambda value: value if type(value) is str else None
    if variable.type is Type.INT and low is not None and high is not None:
        return lambda value: value if type(value) is int and low <= value <= high else None
    if variable.type is Type.DOUBLE:
        return lambda value: float(value) if variable.admits(value) else None
    return lambda value: value if variable.admits(value) else None
