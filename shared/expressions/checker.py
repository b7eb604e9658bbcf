"""The types of the language: which operator takes what, and the proof that no int operation can fail."""

import math
from collections.abc import Callable

from shared.expressions import intervals
from shared.expressions.expression import Expression, Items, Literal, NamedList, Operation, Range
from shared.expressions.variables import INT_MAX, INT_MIN, NUMBERS, Type

Refuse = Callable[[str], Exception]
"""Makes the error that carries a message and the place in the text it is about."""

_ORDERED = (*NUMBERS, Type.STRING)
_SCALARS = (Type.BOOL, *_ORDERED)


def int_literal(value: int, refuse: Refuse) -> Literal:
    """An int constant, which must have 64 bits."""
    if not INT_MIN <= value <= INT_MAX:
        raise refuse("this number is too large for an int, expected one of 64 bits")
    return Literal(Type.INT, value, repr(value), (value, value))


def double_literal(value: float, refuse: Refuse) -> Literal:
    """A double constant, which must be finite."""
    if not math.isfinite(value):
        raise refuse("this number is too large for a double, expected at most 1.79e308")
    return Literal(Type.DOUBLE, value, repr(value), (value, value))


def items(elements: list[Expression], refuse: Refuse) -> Items:
    """A list written out: constants of one type, string or int."""
    literals = tuple(element for element in elements if isinstance(element, Literal))
    types = {element.type for element in elements}
    if len(literals) < len(elements) or len(types) != 1 or not types <= {Type.STRING, Type.INT}:
        raise refuse("expected a list of constants, all strings or all ints, at least one")
    return Items(Type.LIST_STRING if types == {Type.STRING} else Type.LIST_INT, literals)


def logical(operator: str, operands: list[Expression], refuse: Refuse) -> Operation:
    """`a && b && …`, `a || b || …` or `!a`."""
    for operand in operands:
        _expect(operand, (Type.BOOL,), f"'{operator}'", refuse)
    return Operation(Type.BOOL, operator, tuple(operands))


def comparison(operator: str, left: Expression, right: Expression, refuse: Refuse) -> Operation:
    """`== != < <= > >=` over two values of one type, or `in` over a value and a list of its type."""
    if operator == "in":
        if right.type.item is None:
            raise refuse(f"'in' expected a list on its right, found {_named(right)}")
        _expect(left, (right.type.item,), f"'in' before a {right.type}", refuse)
    else:
        _expect(left, _SCALARS if operator in {"==", "!="} else _ORDERED, f"'{operator}'", refuse)
        _expect(right, (left.type,), f"'{operator}' after {_article(left.type)}", refuse)
    return Operation(Type.BOOL, operator, (left, right))


def arithmetic(operator: str, left: Expression, right: Expression, refuse: Refuse) -> Operation:
    """`+ - * / %` over two ints, or all but `%` over two doubles."""
    _expect(left, (Type.INT,) if operator == "%" else NUMBERS, f"'{operator}'", refuse)
    _expect(right, (left.type,), f"'{operator}' after {_article(left.type)}", refuse)
    if left.type is Type.DOUBLE:
        return Operation(Type.DOUBLE, operator, (left, right), intervals.of_doubles(operator, left.range, right.range))
    if operator in {"/", "%"} and intervals.holds_zero(right.range):
        raise refuse(
            f"the divisor of int '{operator}' can be 0 by its range; declare the variable from 1 on,"
            " or divide doubles: double(a) / double(b)"
        )
    return _bounded(operator, (left, right), intervals.of_ints(operator, _int_range(left), _int_range(right)), refuse)


def negation(operand: Expression, refuse: Refuse) -> Operation:
    """`-a`."""
    _expect(operand, NUMBERS, "'-'", refuse)
    if operand.type is Type.DOUBLE:
        return Operation(Type.DOUBLE, "neg", (operand,), intervals.negated(operand.range))
    low, high = _int_range(operand)
    return _bounded("neg", (operand,), (-high, -low), refuse)


def conditional(test: Expression, then: Expression, otherwise: Expression, refuse: Refuse) -> Operation:
    """`test ? then : otherwise`."""
    _expect(test, (Type.BOOL,), "'?' after its condition", refuse)
    _expect(then, _SCALARS, "'?'", refuse)
    _expect(otherwise, (then.type,), f"':' after {_article(then.type)}", refuse)
    return Operation(then.type, "?:", (test, then, otherwise), intervals.united(then.range, otherwise.range))


def to_double(operand: Expression, refuse: Refuse) -> Expression:
    """`double(a)`; of a double it is that double."""
    _expect(operand, NUMBERS, "'double()'", refuse)
    if operand.type is Type.DOUBLE:
        return operand
    low, high = _int_range(operand)
    return Operation(Type.DOUBLE, "double", (operand,), (float(low), float(high)))


def _bounded(operator: str, operands: tuple[Expression, ...], proven: tuple[float, float], refuse: Refuse) -> Operation:
    low, high = proven
    if low < INT_MIN or high > INT_MAX:
        raise refuse("this can overflow an int of 64 bits by the ranges of its variables; use double()")
    return Operation(Type.INT, operator, operands, proven)


def _int_range(expression: Expression) -> tuple[float, float]:
    proven: Range = expression.range
    assert proven is not None  # noqa: S101 - every int has a range: variables must declare one, operations prove one
    return proven


def _expect(operand: Expression, expected: tuple[Type, ...], subject: str, refuse: Refuse) -> None:
    if operand.type not in expected:
        hint = _hint(operand) if {operand.type, *expected} == set(NUMBERS) else ""
        raise refuse(f"{subject} expected {' or '.join(expected)}, found {_named(operand)}{hint}")


def _hint(operand: Expression) -> str:
    if operand.type is Type.DOUBLE:
        return "; write double(…) around the int"
    return f"; write {operand.code}.0" if isinstance(operand, Literal) else "; write double(…) around it"


def _named(expression: Expression) -> str:
    name = getattr(expression, "name", "")
    return f"{expression.type} '{name}'" if name and not isinstance(expression, NamedList) else str(expression.type)


def _article(kind: Type) -> str:
    return f"an {kind}" if kind is Type.INT else f"a {kind}"
