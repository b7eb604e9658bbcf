"""A checked condition as a tree: five kinds of node, each with its type and, where it is a number, its proven range.

Nodes are values: two conditions that say the same are equal wherever they stand; so the compiler shares them.
"""

from collections.abc import Iterator

import msgspec

from shared.expressions.variables import Type

Range = tuple[float, float] | None
"""Lowest and highest value, inclusive; `None` for what is no number, and for a double that may be anything."""


class Literal(msgspec.Struct, frozen=True, cache_hash=True):
    """A constant. `code` tells apart what Python calls equal: `1` and `1.0`, `0.0` and `-0.0`."""

    type: Type
    value: bool | int | float | str
    code: str
    range: Range = None


class Items(msgspec.Struct, frozen=True, cache_hash=True):
    """A list written out: `["gambling", "crypto"]`."""

    type: Type
    items: tuple[Literal, ...]
    range: Range = None


class NamedList(msgspec.Struct, frozen=True, cache_hash=True):
    """A list that is declared beside the conditions: `lists.NAME`."""

    type: Type
    name: str
    range: Range = None


class Reference(msgspec.Struct, frozen=True, cache_hash=True):
    """A variable, by its place in the vector of values."""

    type: Type
    index: int
    name: str
    range: Range = None


class Operation(msgspec.Struct, frozen=True, cache_hash=True):
    """`operator` over `operands`: `&&` and `||` over two or more, `?:` over three, `!`, `neg` and `double` over one."""

    type: Type
    operator: str
    operands: tuple["Expression", ...]
    range: Range = None


Expression = Literal | Items | NamedList | Reference | Operation


def walk(expression: Expression) -> Iterator[Expression]:
    """`expression` and all below it."""
    yield expression
    if isinstance(expression, Operation):
        for operand in expression.operands:
            yield from walk(operand)


def references(expression: Expression) -> tuple[Reference, ...]:
    """The variables that `expression` reads, each once, in the order of the vector."""
    by_index = {node.index: node for node in walk(expression) if isinstance(node, Reference)}
    return tuple(by_index[index] for index in sorted(by_index))


def strict(expression: Expression) -> bool:
    """Whether a single missing variable makes `expression` unknown: true unless `&&`, `||` or `?:` stands in it."""
    return not any(isinstance(node, Operation) and node.operator in {"&&", "||", "?:"} for node in walk(expression))
