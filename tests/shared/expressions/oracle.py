"""The language once more, as plainly as can be: a walk over the tree with three values, and no code of the compiler."""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from shared.expressions.expression import Expression, Items, Literal, NamedList, Operation, Reference
from shared.expressions.variables import Type

Lists = Mapping[str, Mapping[str, float]]

_UNARY: Mapping[str, Callable[[Any], Any]] = {"!": operator.not_, "neg": operator.neg, "double": float}
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(expression: Expression, environment: Mapping[str, Any], lists: Lists, at: float) -> Any:
    """The value of `expression`; `None` if unknown."""
    match expression:
        case Literal():
            return expression.value
        case Reference():
            return environment.get(expression.name)
        case Items():
            return [item.value for item in expression.items]
        case NamedList():
            return [value for value, expires in lists[expression.name].items() if at < expires]
        case Operation():
            return _operated(expression, lambda operand: evaluate(operand, environment, lists, at))


def _operated(operation: Operation, value: Callable[[Expression], Any]) -> Any:
    if operation.operator == "?:":
        test, then, otherwise = operation.operands
        chosen = value(test)
        return None if chosen is None else value(then if chosen else otherwise)
    values = [value(operand) for operand in operation.operands]
    if operation.operator in {"&&", "||"}:
        absorbing = operation.operator == "||"
        return absorbing if absorbing in values else None if None in values else not absorbing
    return None if None in values else _apply(operation, *values)


def _apply(expression: Operation, *values: Any) -> Any:
    name = expression.operator
    if name in _UNARY:
        return _UNARY[name](values[0])
    left, right = values
    if name in _COMPARE:
        return _COMPARE[name](left, right)
    if name == "in":
        return any(left == item for item in right)
    if expression.type is Type.DOUBLE:
        return _double(name, left, right)
    result = _int(name, left, right)
    assert -(2**63) <= result < 2**63, "the ranges were to prove that nothing overflows"
    return result


def _double(name: str, left: float, right: float) -> float:
    if name != "/":
        return float(_ARITHMETIC[name](left, right))
    if right != 0.0:
        return left / right
    if left == 0.0 or math.isnan(left):
        return math.nan
    return math.inf if math.copysign(1.0, left) == math.copysign(1.0, right) else -math.inf


def _int(name: str, left: int, right: int) -> int:
    if name in _ARITHMETIC:
        return int(_ARITHMETIC[name](left, right))
    truncated = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return truncated if name == "/" else left - right * truncated
