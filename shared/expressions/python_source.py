"""Turns a checked condition into Python source: one form where every value is known, two where some may be missing.

Kleene's third value needs no third value in the code. Two yes-or-no questions are compiled of a condition: is it surely
true, whatever the missing values are, and is it possibly true? Both are plain Python over plain tests, in which `&&`
and `||` carry over word by word; a condition is unknown exactly if it is possibly, and not surely, true. Only where the
result of `&&`, `||` or `?:` is itself compared or calculated with, a value is computed that can be `None`.

Nothing of a condition's text reaches the source but literals through `repr` and names that fit `variables.NAME`.
"""

import keyword
import math
from collections.abc import Iterable, Mapping

from shared.expressions import intervals
from shared.expressions.expression import (
    Expression,
    Items,
    Literal,
    NamedList,
    Operation,
    Reference,
    references,
    strict,
)
from shared.expressions.variables import Type

Lists = Mapping[str, Mapping[str, float]]
"""Lists by name: for each entry the epoch second in which it expires, `inf` for never."""


def local(name: str) -> str:
    """The Python name of a variable: dots doubled into underscores, which no name has two of in a row."""
    name = name.replace(".", "__")
    return f"{name}_" if keyword.iskeyword(name) else name


def list_constant(name: str) -> str:
    """The Python name of a named list."""
    return f"LIST_{name}"


def divide(dividend: float, divisor: float) -> float:
    """Double division as IEEE 754 has it: by zero it gives an infinity, or NaN."""
    if divisor:
        return dividend / divisor
    if not dividend or math.isnan(dividend):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)


def quotient(dividend: int, divisor: int) -> int:
    """Int division that truncates toward zero, as CEL's does and Python's does not."""
    magnitude = abs(dividend) // abs(divisor)
    return magnitude if (dividend < 0) == (divisor < 0) else -magnitude


def remainder(dividend: int, divisor: int) -> int:
    """What `quotient` leaves, with the sign of the dividend."""
    magnitude = abs(dividend) % abs(divisor)
    return -magnitude if dividend < 0 else magnitude


RUNTIME = {"_divide": divide, "_quotient": quotient, "_remainder": remainder}
"""What the source calls, by the names it uses."""


class Coder:
    """Writes the source of conditions that share one function; counts the temporaries it needs."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._temporaries = 0

    def if_known(self, expression: Expression) -> str:
        """The value of `expression`, none of its variables being missing."""
        if isinstance(expression, Literal):
            return expression.code
        if isinstance(expression, Reference):
            return local(expression.name)
        assert isinstance(expression, Operation)  # noqa: S101 - a list stands only behind `in`, which reads it itself
        operator, operands = expression.operator, expression.operands
        if operator == "in":
            return self._membership(operands[0], operands[1], self._operand(operands[0]))
        if operator == "?:":
            test, then, otherwise = map(self._operand, operands)
            return f"{then} if {test} else {otherwise}"
        return self._applied(expression, [self._operand(operand) for operand in operands])

    def surely(self, expression: Expression) -> str:
        """Whether `expression`, a bool, is true whatever the missing values are."""
        return self._half(expression, must=True)

    def possibly(self, expression: Expression) -> str:
        """Whether `expression`, a bool, is true for some of what the missing values could be (or is simply true)."""
        return self._half(expression, must=False)

    def surely_given_possibly(self, conjuncts: Iterable[Expression]) -> str:
        """Whether all `conjuncts` are surely true, given that each of them is possibly true."""
        conjuncts = tuple(conjuncts)
        names = {
            local(reference.name): None
            for conjunct in conjuncts
            if strict(conjunct)
            for reference in references(conjunct)
        }
        tests = [f"{name} is not None" for name in names]
        tests += [f"({self.surely(conjunct)})" for conjunct in conjuncts if not strict(conjunct)]
        return " and ".join(tests) or "True"

    def value(self, expression: Expression) -> str:
        """The value of `expression`, `None` if it is unknown."""
        if strict(expression):
            names = [local(reference.name) for reference in references(expression)]
            if not names or isinstance(expression, Reference):
                return self.if_known(expression)
            return f"({self.if_known(expression)}) if {' and '.join(f'{name} is not None' for name in names)} else None"
        assert isinstance(expression, Operation)  # noqa: S101 - only an operation can be other than strict
        operator, operands = expression.operator, expression.operands
        if operator == "?:":
            test = self._temporary()
            chosen, other = self.value(operands[1]), self.value(operands[2])
            tested = f"({test} := ({self.value(operands[0])}))"
            return f"({chosen}) if {tested} else (None if {test} is None else ({other}))"
        if operator in {"&&", "||"}:
            return self._kleene(operator, operands)
        names = [self._temporary() for _ in operands]
        all_known = " and ".join(
            f"({name} := ({self.value(operand)})) is not None"
            for name, operand in zip(names, operands, strict=True)
            if not isinstance(operand, Items | NamedList)
        )
        if operator == "in":
            return f"({self._membership(operands[0], operands[1], names[0])}) if {all_known} else None"
        return f"({self._applied(expression, names)}) if {all_known} else None"

    def _half(self, expression: Expression, *, must: bool) -> str:
        if isinstance(expression, Operation) and expression.operator in {"&&", "||"}:
            word = " and " if expression.operator == "&&" else " or "
            return word.join(f"({self._half(operand, must=must)})" for operand in expression.operands)
        if strict(expression):
            names = [local(reference.name) for reference in references(expression)]
            if_known = self._operand(expression)
            if must:
                return " and ".join([*(f"{name} is not None" for name in names), if_known])
            return " or ".join([*(f"{name} is None" for name in names), if_known])
        if isinstance(expression, Operation) and expression.operator == "!":
            return f"not ({self._half(expression.operands[0], must=not must)})"
        return f"({self.value(expression)}) is {'True' if must else 'not False'}"

    def _kleene(self, operator: str, operands: tuple[Expression, ...]) -> str:
        """`&&` is False if an operand is, else None if one is, else True; `||` the same the other way round."""
        absorbing, neutral = ("False", "True") if operator == "&&" else ("True", "False")
        names = [self._temporary() for _ in operands]
        absorbed = " or ".join(
            f"({name} := ({self.value(operand)})) is {absorbing}" for name, operand in zip(names, operands, strict=True)
        )
        unknown = " or ".join(f"{name} is None" for name in names)
        return f"{absorbing} if {absorbed} else (None if {unknown} else {neutral})"

    def _operand(self, expression: Expression) -> str:
        if isinstance(expression, Items | NamedList):
            return ""
        code = self.if_known(expression)
        return f"({code})" if isinstance(expression, Operation) else code

    def _applied(self, expression: Operation, operands: list[str]) -> str:
        """One operator over operands whose source is given, each closed in itself."""
        operator = expression.operator
        if operator in {"&&", "||"}:
            return (" and " if operator == "&&" else " or ").join(operands)
        if operator in {"/", "%"}:
            return self._division(expression, *operands)
        unary = {"!": "not {}", "neg": "-{}", "double": "{} * 1.0"}
        return unary[operator].format(*operands) if operator in unary else f" {operator} ".join(operands)

    def _division(self, expression: Operation, dividend: str, divisor: str) -> str:
        left, right = expression.operands
        if expression.type is Type.DOUBLE:
            if not intervals.holds_zero(right.range):
                return f"{dividend} / {divisor}"
            if dividend.isidentifier() and divisor.isidentifier():
                return f"{dividend} / {divisor} if {divisor} else _divide({dividend}, {divisor})"
            return f"_divide({dividend}, {divisor})"
        natural = left.range is not None and right.range is not None and left.range[0] >= 0 and right.range[0] > 0
        if expression.operator == "/":
            return f"{dividend} // {divisor}" if natural else f"_quotient({dividend}, {divisor})"
        return f"{dividend} % {divisor}" if natural else f"_remainder({dividend}, {divisor})"

    def _membership(self, element: Expression, container: Expression, code: str) -> str:
        if isinstance(container, Items):
            constants = [literal.code for literal in container.items]
            return f"{code} == {constants[0]}" if len(constants) == 1 else f"{code} in {{{', '.join(constants)}}}"
        if isinstance(container, NamedList):
            constant = list_constant(container.name)
            if all(math.isinf(expires) for expires in self._lists[container.name].values()):
                return f"{code} in {constant}"
            if not code.isidentifier() and isinstance(element, Operation):
                name = self._temporary()
                return f"({name} := {code}) in {constant} and {constant}[{name}] > _at"
            return f"{code} in {constant} and {constant}[{code}] > _at"
        return f"{code} in {self.if_known(container)}"

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"_{self._temporaries}"
