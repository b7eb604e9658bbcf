"""Conditions and environments by the thousand: every operator over every type, with values where things go wrong."""

import os
import re
from typing import Any

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.expressions.expression import Expression
from shared.expressions.parser import Scope, parse_condition
from shared.expressions.variables import Type, Variable, Variables

EXAMPLES = settings(
    max_examples=int(os.environ.get("SLACKER_EXAMPLES", "300")),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
"""The same examples in every run; more of them by the variable."""

BIG = 2**40
WORDS = ("", "a", "b", "é", "\U0001f600", 'quo"te', "back\\slash")

VARIABLES = Variables(
    [
        Variable("i.small", Type.INT, -5, 5),
        Variable("i.positive", Type.INT, 1, 9),
        Variable("i.negative", Type.INT, -9, -1),
        Variable("i.big", Type.INT, -BIG, BIG),
        Variable("d.small", Type.DOUBLE, -3, 3),
        Variable("d.positive", Type.DOUBLE, 0.5, 1e308),
        Variable("d.tiny", Type.DOUBLE, 0.0, 5e-324),
        Variable("s.one", Type.STRING),
        Variable("s.two", Type.STRING),
        Variable("b.one", Type.BOOL),
        Variable("b.two", Type.BOOL),
        Variable("l.strings", Type.LIST_STRING),
        Variable("l.ints", Type.LIST_INT, -5, 5),
        Variable("in_use.lambda", Type.BOOL),  # a word of Python's
        Variable("at", Type.INT, 0, 3),  # the name of a parameter, were it not for the underscore
    ]
)
AT = 100.0
LISTS = {
    "forever": {"a": float("inf"), "é": float("inf")},
    "ending": {"a": AT, "b": AT + 1, 'quo"te': float("inf")},  # `a` has just expired
    "empty": {},
}
SCOPE = Scope(VARIABLES, LISTS)

_RELATIONS = ["==", "!=", "<", "<=", ">", ">="]


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _names(kind: Type) -> list[str]:
    return [variable.name for variable in VARIABLES if variable.type is kind]


_LITERALS = {
    Type.BOOL: ["true", "false"],
    Type.INT: [str(number) for number in range(-6, 13)],
    Type.DOUBLE: ["0.0", "-0.0", "1.5", "-2.25", "1e308", ".5", "3.0"],
    Type.STRING: [_quoted(word) for word in WORDS],
}
_FORMS = {
    Type.BOOL: [
        *["({bool} && {bool})", "({bool} || {bool})"] * 4,
        *[f"({{{kind}}} {relation} {{{kind}}})" for kind in ("int", "double", "string") for relation in _RELATIONS],
        "({bool} == {bool})",
        "({bool} != {bool})",
        "!{bool}",
        *["({string} in {strings})", "({string} in lists.ending)", "({int} in {ints})"] * 2,
        *["({bool} ? {bool} : {bool})"] * 2,
    ],
    Type.INT: [
        *(f"({{int}} {sign} {{int}})" for sign in "+-*/%"),
        *(f"({{int}} {sign} {divisor})" for sign in "/%" for divisor in ("i.positive", "i.negative", "7", "-3")),
        "(-{int})",
        "({bool} ? {int} : {int})",
    ],
    Type.DOUBLE: [
        *(f"({{double}} {sign} {{double}})" for sign in "+-*/"),
        *["double({int})", "(-{double})", "({bool} ? {double} : {double})"],
    ],
    Type.STRING: ["({bool} ? {string} : {string})"],
}
_HOLE = re.compile(r"\{(\w+)\}")


@st.composite
def texts(draw: st.DrawFn, kind: Type, depth: int) -> str:
    """The text of an expression of one type; in some of these an int can overflow, and the parser is to say so."""
    if not depth or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(_names(kind) * 2 + _LITERALS[kind]))

    def filled(hole: re.Match[str]) -> str:
        if hole[1] == "strings":
            return draw(st.sampled_from(["l.strings", *(f"lists.{name}" for name in LISTS)]) | _written(Type.STRING))
        if hole[1] == "ints":
            return draw(st.just("l.ints") | _written(Type.INT))
        return draw(texts(Type(hole[1]), depth - 1))

    return _HOLE.sub(filled, draw(st.sampled_from(_FORMS[kind])))


def _written(kind: Type) -> st.SearchStrategy[str]:
    items = st.lists(st.sampled_from(_LITERALS[kind]), min_size=1, max_size=3)
    return items.map(lambda literals: f"[{', '.join(literals)}]")


@st.composite
def conditions(draw: st.DrawFn, depth: int = 4) -> tuple[str, Expression]:
    """A condition that the parser takes, with its tree."""
    text = draw(texts(Type.BOOL, depth))
    assume(_accepted(text))
    return text, parse_condition(text, SCOPE)


def _accepted(text: str) -> bool:
    try:
        parse_condition(text, SCOPE)
    except Invalid as error:
        if not _is_proof_missing(str(error)):
            raise
        return False
    return True


def _is_proof_missing(message: str) -> bool:
    """Generated text is well typed: all that can be wrong with it is a proof that cannot be given."""
    return "can overflow" in message or "can be 0" in message


def values_of(variable: Variable) -> st.SearchStrategy[Any]:
    """Values that `variable` admits, the ends of its range among them."""
    scalars: dict[Type, st.SearchStrategy[Any]] = {
        Type.BOOL: st.booleans(),
        Type.STRING: st.sampled_from(WORDS),
        Type.LIST_STRING: st.lists(st.sampled_from(WORDS), max_size=3).map(tuple),
        Type.LIST_INT: st.lists(st.integers(-5, 5), max_size=3).map(tuple),
    }
    if variable.type in scalars:
        return scalars[variable.type]
    low, high = variable.low, variable.high
    assert low is not None
    assert high is not None
    if variable.type is Type.INT:
        return st.one_of(st.integers(int(low), int(high)), st.sampled_from([int(low), int(high)]))
    return st.sampled_from([float(low), float(high), max(low, 0.0), -0.0 if low < 0 else float(low), min(high, 1.5)])


def environments(*, missing: bool) -> st.SearchStrategy[dict[str, Any]]:
    """A value for each variable, or `None` for some of them."""

    def maybe(variable: Variable) -> st.SearchStrategy[Any]:
        return st.one_of(st.none(), values_of(variable), values_of(variable)) if missing else values_of(variable)

    return st.fixed_dictionaries({variable.name: maybe(variable) for variable in VARIABLES})


def vector(environment: dict[str, Any]) -> tuple[tuple[Any, ...], int]:
    """The vector and mask of an environment, without `Variables.vector`, which has tests of its own."""
    values = tuple(environment[name] for name in VARIABLES.names)
    return values, sum(1 << index for index, value in enumerate(values) if value is None)
