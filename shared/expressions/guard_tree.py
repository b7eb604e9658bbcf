"""Arranges rules so that a test many of them share is made once: a tree of guards with rules at its leaves.

A rule hits if all its conjuncts hold; evaluation cannot fail, and which rules hit does not depend on the order: so both
rules and conjuncts may be regrouped at will. Where several rules bound one value by several constants (`count > 5`,
`count > 20`), the weakest of these tests guards them all.
"""

from collections import Counter
from collections.abc import Hashable, Sequence

import msgspec

from shared.expressions.expression import Expression, Literal, Operation

MAX_NESTING = 12
"""Guards within guards: far below what Python's compiler takes."""


class Leaf(msgspec.Struct, frozen=True):
    """One rule, by its place: it hits if the guards above it and `rest` hold. `conjuncts` is the whole condition."""

    rule: int
    rest: tuple[Expression, ...]
    conjuncts: tuple[Expression, ...]


class Guard(msgspec.Struct, frozen=True):
    """A test without which nothing in `body` can hit."""

    test: Expression
    body: tuple["Node", ...]


Node = Leaf | Guard


def conjuncts(condition: Expression) -> tuple[Expression, ...]:
    """The operands of a top-level `&&`, flattened, each once."""
    if not (isinstance(condition, Operation) and condition.operator == "&&"):
        return (condition,)
    return tuple(dict.fromkeys(part for operand in condition.operands for part in conjuncts(operand)))


def arrange(conditions: Sequence[Expression]) -> tuple[Node, ...]:
    """The tree for `conditions`, whose indices in the sequence name the rules. Deterministic."""
    parts = [conjuncts(condition) for condition in conditions]
    return _arranged([Leaf(rule, rest, rest) for rule, rest in enumerate(parts)], MAX_NESTING)


def _arranged(leaves: list[Leaf], depth: int) -> tuple[Node, ...]:
    families = [{_family(test): test for test in leaf.rest} for leaf in leaves]
    counts = Counter(family for tests in families for family in tests)
    if not depth or not counts:
        return tuple(leaves)
    family, count = max(counts.items(), key=lambda item: item[1])  # of equals the first met
    if count < 2:
        return tuple(leaves)
    members = [test for leaf in leaves for test in leaf.rest if _family(test) == family]
    guard = min(members, key=_strength)
    inside = [
        Leaf(leaf.rule, tuple(test for test in leaf.rest if test != guard), leaf.conjuncts)
        for leaf, below in zip(leaves, families, strict=True)
        if family in below
    ]
    outside = [leaf for leaf, below in zip(leaves, families, strict=True) if family not in below]
    return Guard(guard, _arranged(inside, depth - 1)), *_arranged(outside, depth)


def _family(test: Expression) -> Hashable:
    """What tests have in common of which one implies the other: the same value, bounded from the same side."""
    bound = _bound(test)
    return test if bound is None else (bound[0], bound[1][0])


def _strength(test: Expression) -> tuple[float, bool]:
    """The rank of a test in its family: the higher, the less it lets through."""
    bound = _bound(test)
    if bound is None:
        return 0, False
    _, operator, constant = bound
    return (constant if operator[0] == ">" else -constant), operator in {">", "<"}


def _bound(test: Expression) -> tuple[Expression, str, float] | None:
    if not isinstance(test, Operation) or test.operator not in {">", ">=", "<", "<="}:
        return None
    value, constant = test.operands
    if not isinstance(constant, Literal) or isinstance(constant.value, str):
        return None
    return value, test.operator, constant.value
