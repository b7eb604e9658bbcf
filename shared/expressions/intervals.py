"""Interval arithmetic: from the ranges of the variables it follows which values an expression can take at all."""

import math
from itertools import product

from shared.expressions.expression import Range

DOUBLE_EXACT = 2**53
"""Up to here every int is exactly a double (IEEE 754 binary64)."""


def negated(operand: Range) -> Range:
    """The range of `-x`."""
    return None if operand is None else (-operand[1], -operand[0])


def united(left: Range, right: Range) -> Range:
    """The range of what is either of two."""
    return None if left is None or right is None else (min(left[0], right[0]), max(left[1], right[1]))


def holds_zero(operand: Range) -> bool:
    """Whether zero is among the values."""
    return operand is None or operand[0] <= 0 <= operand[1]


def of_ints(operator: str, left: tuple[float, float], right: tuple[float, float]) -> tuple[float, float]:
    """The range of an int operation, computed exactly. The divisor of `/` and `%` must not hold zero.

    `+ - *` and truncating division are monotonic in each operand, so the extremes lie at the corners.
    """
    if operator == "%":
        most = max(abs(right[0]), abs(right[1])) - 1
        return (-min(most, -left[0]) if left[0] < 0 else 0), (min(most, left[1]) if left[1] > 0 else 0)
    corners = [_exactly(operator, int(x), int(y)) for x, y in product(left, right)]
    return min(corners), max(corners)


def of_doubles(operator: str, left: Range, right: Range) -> Range:
    """The range of a double operation, `None` if it may overflow or divide by zero.

    Rounding to nearest is monotonic too, so the rounded corners bound the rounded results.
    """
    if left is None or right is None or (operator == "/" and holds_zero(right)):
        return None
    corners = [_rounded(operator, x, y) for x, y in product(left, right)]
    return (min(corners), max(corners)) if all(map(math.isfinite, corners)) else None


def _exactly(operator: str, x: int, y: int) -> int:
    if operator == "/":
        magnitude = abs(x) // abs(y)
        return magnitude if (x < 0) == (y < 0) else -magnitude
    return x + y if operator == "+" else x - y if operator == "-" else x * y


def _rounded(operator: str, x: float, y: float) -> float:
    if operator == "/":
        return x / y
    return x + y if operator == "+" else x - y if operator == "-" else x * y
