"""Every value that an operation can give lies in the range proven for it, and the range is no wider than need be."""

import operator

from hypothesis import assume, given
from hypothesis import strategies as st

from shared.expressions.intervals import holds_zero, negated, of_doubles, of_ints, united
from shared.expressions.python_source import quotient, remainder
from tests.shared.expressions.generation import EXAMPLES

OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": quotient, "%": remainder}
small = st.tuples(st.integers(-9, 9), st.integers(-9, 9)).map(lambda pair: (min(pair), max(pair)))
doubles = st.floats(-1e3, 1e3)
spans = st.tuples(doubles, doubles).map(lambda pair: (min(pair), max(pair)))


@EXAMPLES
@given(st.sampled_from("+-*/%"), small, small)
def test_the_range_of_an_int_operation_holds_all_its_values(
    name: str, left: tuple[int, int], right: tuple[int, int]
) -> None:
    assume(name not in "/%" or not holds_zero(right))
    low, high = of_ints(name, left, right)
    values = [OPERATIONS[name](x, y) for x in range(left[0], left[1] + 1) for y in range(right[0], right[1] + 1)]
    if name == "%":  # exact for the divisor farthest from zero only
        assert low <= min(values)
        assert max(values) <= high
        assert max(-low, high) < max(map(abs, right))
    else:
        assert (min(values), max(values)) == (low, high)


@EXAMPLES
@given(st.sampled_from("+-*/"), spans, spans, st.data())
def test_the_range_of_a_double_operation_holds_all_its_values(
    name: str, left: tuple[float, float], right: tuple[float, float], data: st.DataObject
) -> None:
    bounds = of_doubles(name, left, right)
    assume(bounds is not None)
    assert bounds is not None
    x, y = data.draw(st.floats(*left)), data.draw(st.floats(*right))
    value = {**OPERATIONS, "/": operator.truediv}[name](x, y)
    assert bounds[0] <= value <= bounds[1]


def test_a_double_operation_that_may_overflow_or_divide_by_zero_has_no_range() -> None:
    assert of_doubles("*", (1e200, 1e200), (1.0, 1e200)) is None
    assert of_doubles("/", (1.0, 2.0), (-1.0, 1.0)) is None
    assert of_doubles("+", None, (1.0, 1.0)) is None


def test_either_of_two_ranges_spans_both() -> None:
    assert united((1, 2), (-5, 1)) == (-5, 2)
    assert united(None, (1, 2)) is None


def test_a_range_is_negated_end_for_end() -> None:
    assert negated((-1, 5)) == (-5, 1)
    assert negated(None) is None
