"""Arranges rules so that a test many of them share is made once: a tree of guards with rules at its leaves.

A rule hits if all its conjuncts hold; evaluation cannot fail, and which rules hit does not depend on the order: so both
rules and conjuncts may be regrouped at will.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shared.rules.expression import Expression, Operation

MAX_NESTING = 12
"""Guards within guards: far below what Python's compiler takes."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One rule, by its place: it hits if the guards above it and `rest` hold. `conjuncts` is the whole condition."""

    rule: int
    rest: tuple[Expression, ...]
    conjuncts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """What all of `body` has in common."""

    test: Expression
    body: tuple["Node", ...]


Node = Leaf | Guard


def conjuncts(condition: Expression) -> tuple[Expression, ...]:
    """The operands of a top-level `&&`, flattened, each once."""
    if not (isinstance(condition, Operation) and condition.operator == "&&"):
        return (condition,)
    return tuple(dict.fromkeys(part for operand in condition.operands for part in conjuncts(operand)))


def arrange(conditions: Sequence[Expression]) -> tuple[Node, ...]:
    """The tree for `conditions`, whose places in the sequence name the rules. Deterministic."""
    parts = [conjuncts(condition) for condition in conditions]
    return _arranged([Leaf(rule, rest, rest) for rule, rest in enumerate(parts)], MAX_NESTING)


def _arranged(leaves: list[Leaf], depth: int) -> tuple[Node, ...]:
    counts = Counter(part for leaf in leaves for part in leaf.rest)
    if not depth or not counts:
        return tuple(leaves)
    test, count = max(counts.items(), key=lambda item: item[1])  # of equals the first met
    if count < 2:
        return tuple(leaves)
    inside = [
        Leaf(leaf.rule, tuple(part for part in leaf.rest if part != test), leaf.conjuncts)
        for leaf in leaves
        if test in leaf.rest
    ]
    outside = [leaf for leaf in leaves if test not in leaf.rest]
    return Guard(test, _arranged(inside, depth - 1)), *_arranged(outside, depth)
