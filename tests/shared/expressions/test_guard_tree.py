"""Rules are arranged so that a test they share is made once, and none is lost."""

from hypothesis import given
from hypothesis import strategies as st

from shared.expressions.expression import Expression, Literal, Operation, Reference
from shared.expressions.guard_tree import Guard, Leaf, Node, arrange, conjuncts
from shared.expressions.variables import Type
from tests.shared.expressions.generation import EXAMPLES


def flag(number: int) -> Expression:
    return Reference(Type.BOOL, number, f"flag_{number}")


def all_of(*numbers: int) -> Expression:
    return Operation(Type.BOOL, "&&", tuple(flag(number) for number in numbers)) if numbers[1:] else flag(numbers[0])


def paths(nodes: tuple[Node, ...], above: tuple[Expression, ...] = ()) -> dict[int, set[Expression]]:
    """For each rule all that is tested on the way to it."""
    by_rule: dict[int, set[Expression]] = {}
    for node in nodes:
        inner = {node.rule: {*above, *node.rest}} if isinstance(node, Leaf) else paths(node.body, (*above, node.test))
        assert not by_rule.keys() & inner.keys()
        by_rule |= inner
    return by_rule


@EXAMPLES
@given(st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=5), max_size=12))
def test_every_rule_stands_behind_exactly_its_own_tests(rules: list[list[int]]) -> None:
    arranged = arrange([all_of(*numbers) for numbers in rules])
    assert paths(arranged) == {rule: {flag(number) for number in numbers} for rule, numbers in enumerate(rules)}


def test_the_test_that_most_rules_share_guards_them() -> None:
    first, second = arrange([all_of(1, 2), all_of(3), all_of(2, 4)])
    assert isinstance(first, Guard)
    assert first.test == flag(2)
    assert isinstance(second, Leaf)
    assert second.rest == (flag(3),)


def over(limit: int, operator: str = ">") -> Expression:
    return Operation(Type.BOOL, operator, (Reference(Type.INT, 0, "count"), Literal(Type.INT, limit, repr(limit))))


def test_the_weakest_bound_of_one_value_guards_the_stronger_ones() -> None:
    assert arrange([over(20), over(5), over(10, "<"), over(5, ">="), over(7, "<=")]) == (
        Guard(
            over(5, ">="),
            (
                Guard(over(5), (Leaf(0, (over(20),), (over(20),)), Leaf(1, (), (over(5),)))),
                Leaf(3, (), (over(5, ">="),)),
            ),
        ),
        Guard(over(10, "<"), (Leaf(2, (), (over(10, "<"),)), Leaf(4, (over(7, "<="),), (over(7, "<="),)))),
    )


def test_nested_conjunctions_are_one() -> None:
    nested = Operation(Type.BOOL, "&&", (all_of(1, 2), all_of(2, 3)))
    assert conjuncts(nested) == (flag(1), flag(2), flag(3))
