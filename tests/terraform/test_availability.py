"""The percentages of docs/availability.md are what its formulas come to."""

import ast
import operator
import re
from collections.abc import Callable, Mapping

import pytest

from tests.support.terraform_source import ROOT

PROMISED = {"R": 0.9995, "C": 0.9999, "F": 0.9999, "M": 0.99999, "L": 0.9999}
MINUTES = 730 * 60

DOCUMENT = (ROOT / "docs/availability.md").read_text()
ROWS = re.findall(r"^\| ([^|]+) \| `([^`]+)` \| ([\d.]+) \| ([\d.]+) \|$", DOCUMENT, re.MULTILINE)

OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Mult: operator.mul,
    ast.Sub: operator.sub,
    ast.Pow: operator.pow,
}


def computed(node: ast.expr) -> float:
    """The value of a formula over the promises."""
    match node:
        case ast.BinOp(left, sign, right):
            return OPERATORS[type(sign)](computed(left), computed(right))
        case ast.Name(name):
            return PROMISED[name]
        case ast.Constant(int(value)):
            return float(value)
    raise ValueError(ast.dump(node))


@pytest.mark.parametrize(
    ("what", "formula", "percent", "minutes"), ROWS, ids=[f"{what}: {how}" for what, how, _, _ in ROWS]
)
def test_a_row_says_what_its_formula_comes_to(what: str, formula: str, percent: str, minutes: str) -> None:
    part = computed(ast.parse(formula, mode="eval").body)
    assert (percent, minutes) == (f"{100 * part:.4f}", f"{(1 - part) * MINUTES:.1f}")


def test_one_region_and_two_are_computed() -> None:
    assert len(ROWS) == 7


def test_the_promises_are_those_the_document_names() -> None:
    named = {float(number) for number in re.findall(r"(99\.\d+) %", DOCUMENT.partition("\n## ")[0])}
    assert {round(100 * part, 4) for part in PROMISED.values()} == named
