"""Compiles conditions over typed variables into Python functions."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from shared.expressions import python_source
from shared.expressions.expression import Expression, references
from shared.expressions.python_source import Coder, Lists, local
from shared.expressions.variables import Variables

CompiledCondition = Callable[[tuple[object, ...], float], bool | None]
"""From a vector of values, `None` where one is missing, and the time in epoch seconds, to true, false or unknown."""


def compile_condition(
    expression: Expression, variables: Variables, lists: Lists, name: str = "condition"
) -> CompiledCondition:
    """One condition as a function of its own; `name` is what a traceback calls its source."""
    read = {reference.index for reference in references(expression)}
    body = [*assignments(variables, read), f"return {Coder(lists).value(expression)}"]
    text = "\n".join(["def _condition(_values, _at, /):", *indented(body)])
    condition: CompiledCondition = define(text, lists, {}, name)["_condition"]
    return condition


def define(text: str, lists: Lists, names: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What running the source `text` defines, by name; it can use `names`, the lists, and two of Python's builtins."""
    constants = {python_source.list_constant(list_name): dict(entries) for list_name, entries in lists.items()}
    namespace = {
        "__builtins__": {},
        "KeyError": KeyError,
        "float": float,
        **python_source.RUNTIME,
        **constants,
        **names,
    }
    exec(compile(text, f"<{name}>", "exec"), namespace)  # noqa: S102 - our own source, see `python_source`
    return namespace


def assignments(variables: Variables, read: Collection[int]) -> list[str]:
    """Lines that give the variables at the places `read` their names: all at once, unless most would go unused."""
    names = [local(variable.name) if index in read else "_" for index, variable in enumerate(variables)]
    if len(read) * 2 > len(names):
        return [f"{', '.join(names)}, = _values"]
    return [f"{names[index]} = _values[{index}]" for index in sorted(read)]


def indented(lines: Iterable[str]) -> list[str]:
    """`lines`, one level deeper."""
    return [f"    {line}" for line in lines]
