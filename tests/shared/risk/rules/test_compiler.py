"""The compiled function against two others: a naive walk over the tree, and Google's own implementation of CEL."""

import re
from typing import Any

import pytest
from cel_expr_python import cel
from hypothesis import given
from hypothesis import strategies as st

from shared.advice import Advice
from shared.errors import Invalid
from shared.expressions.compiler import compile_condition
from shared.expressions.expression import Expression
from shared.expressions.parser import parse_condition
from shared.expressions.python_source import Coder
from shared.expressions.variables import Type, Variables
from shared.risk.rules.compiler import REMEMBERED, CompiledRules, compile_rule_set
from shared.risk.rules.outcome import Outcome
from shared.risk.rules.policy import Evaluation, settle_outcome
from shared.risk.rules.rule import Condition, Fallback, Limit, Rule, StepUpBeforeBlock, Threshold
from shared.risk.rules.rule_set import RuleSet
from tests.shared.expressions.generation import (
    AT,
    EXAMPLES,
    LISTS,
    SCOPE,
    VARIABLES,
    conditions,
    environments,
    values_of,
    vector,
)
from tests.shared.expressions.oracle import evaluate

_CEL_TYPES = {
    Type.BOOL: cel.Type.BOOL,
    Type.INT: cel.Type.INT,
    Type.DOUBLE: cel.Type.DOUBLE,
    Type.STRING: cel.Type.STRING,
    Type.LIST_STRING: cel.Type.List(cel.Type.STRING),
    Type.LIST_INT: cel.Type.List(cel.Type.INT),
}


def _flat(name: str) -> str:
    return f"v_{name.replace('.', '_')}"


GOOGLE = cel.NewEnv(
    variables={
        **{_flat(variable.name): _CEL_TYPES[variable.type] for variable in VARIABLES},
        **{_flat(f"lists.{name}"): cel.Type.List(cel.Type.STRING) for name in LISTS},
    }
)
_NAMES = re.compile("|".join(re.escape(name) + r"\b" for name in (*VARIABLES.names, *(f"lists.{x}" for x in LISTS))))
_VALID = {_flat(f"lists.{name}"): [v for v, end in entries.items() if end > AT] for name, entries in LISTS.items()}


def by_google(text: str, environment: dict[str, Any]) -> Any:
    """What Google's CEL makes of a condition, its names made flat: there, dotted ones are fields of messages first."""
    in_code = re.split(r'("(?:[^"\\]|\\.)*")', text)
    flat = "".join(
        p if p.startswith('"') else re.sub(r"(?<![\w.])(?:" + _NAMES.pattern + ")", lambda m: _flat(m[0]), p)
        for p in in_code
    )
    data = {_flat(name): list(value) if isinstance(value, tuple) else value for name, value in environment.items()}
    result = GOOGLE.compile(flat).eval(data=data | _VALID)
    assert result.type() == cel.Type.BOOL, f"{flat}: {result.value()}"
    return result.value()


def rule(number: int, expression: Expression, **changes: Any) -> Rule:
    return Rule(f"rule_{number}", Condition("", expression), f"REASON_{number}", **{"score": 1, **changes})


def rule_set(rules: tuple[Rule, ...], **changes: Any) -> RuleSet:
    return RuleSet("name", "operation", VARIABLES, 0, rules, lists=LISTS, **changes)


def alone(expression: Expression, environment: dict[str, Any]) -> Any:
    return compile_condition(expression, VARIABLES, LISTS)(vector(environment)[0], AT)


@EXAMPLES
@given(conditions(), environments(missing=True))
def test_a_condition_alone_is_what_a_naive_walk_over_its_tree_says(
    condition: tuple[str, Expression], environment: dict[str, Any]
) -> None:
    assert alone(condition[1], environment) == evaluate(condition[1], environment, LISTS, AT)


@EXAMPLES
@given(conditions(), environments(missing=True))
def test_the_two_halves_of_a_condition_are_what_a_naive_walk_over_its_tree_says(
    condition: tuple[str, Expression], environment: dict[str, Any]
) -> None:
    expression = condition[1]
    outcome = compile_rule_set(rule_set((rule(0, expression),))).decide(*vector(environment), AT)
    expected = evaluate(expression, environment, LISTS, AT)
    assert (outcome.hits, outcome.unknowns) == (
        ("rule_0",) if expected is True else (),
        ("rule_0",) if expected is None else (),
    )


@EXAMPLES
@given(conditions(), environments(missing=False))
def test_with_nothing_missing_a_condition_is_what_google_says(
    condition: tuple[str, Expression], environment: dict[str, Any]
) -> None:
    text, expression = condition
    outcome = compile_rule_set(rule_set((rule(0, expression),))).decide(*vector(environment), AT)
    assert bool(outcome.hits) is by_google(text, environment)


@EXAMPLES
@given(conditions(), environments(missing=True), st.data())
def test_what_is_known_though_values_are_missing_is_what_google_says_for_any_values(
    condition: tuple[str, Expression], environment: dict[str, Any], data: st.DataObject
) -> None:
    text, expression = condition
    settled = alone(expression, environment)
    if settled is None:
        return
    for _ in range(3):
        filled = {
            variable.name: data.draw(values_of(variable))
            if environment[variable.name] is None
            else environment[variable.name]
            for variable in VARIABLES
        }
        assert by_google(text, filled) is settled


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    """Rule sets whose rules share conjuncts, with every policy on or off."""
    pool = draw(st.lists(conditions(depth=2), min_size=1, max_size=6))
    outcomes = (Advice.REJECT, Advice.STEPUP_NEEDED, Advice.MANUAL_APPROVAL_NEEDED)

    def drawn_rule(number: int, *, allow: bool = False) -> Rule:
        parts = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4))
        expression = parse_condition(" && ".join(f"({text})" for text, _ in parts), SCOPE)
        if allow:
            return rule(number, expression, outcome=Advice.APPROVE, score=0)
        outcome = draw(st.sampled_from([None, *outcomes]))
        return rule(
            number,
            expression,
            outcome=outcome,
            score=0 if outcome else draw(st.integers(-3, 9)),
            unknown=draw(st.sampled_from([None, *outcomes])),
            unknown_hits=draw(st.booleans()),
        )

    limits = st.sampled_from([None, Limit("i.big", 7)])
    fallbacks = st.one_of(st.none(), st.builds(Fallback, st.sampled_from(outcomes), st.just("AMISS"), limits))
    allowed = draw(st.integers(0, 2))
    count = draw(st.sampled_from([1, 2, 5, 9, 40]))
    stale = draw(fallbacks)
    return rule_set(
        tuple(drawn_rule(number) for number in range(allowed, allowed + count)),
        allow=tuple(drawn_rule(number, allow=True) for number in range(allowed)),
        thresholds=(Threshold(3, Advice.STEPUP_NEEDED, "SOME"), Threshold(12, Advice.REJECT, "MUCH")),
        step_up_before_block=draw(st.sampled_from([None, StepUpBeforeBlock("i.positive")])),
        requires=draw(st.sampled_from([(), ("b.one", "s.two")])),
        when_missing=draw(fallbacks),
        when_stale=stale,
        stale_after=30.0 if stale else float("inf"),
    )


def one_by_one(rules: RuleSet, environment: dict[str, Any], features_at: float) -> Outcome:
    """The outcome, each rule evaluated by itself by the naive walk."""
    hits, unknowns = [], []
    for candidate in (*rules.allow, *rules.rules):
        holds = evaluate(candidate.when.expression, environment, LISTS, AT)
        hits += [candidate] if holds else []
        unknowns += [candidate] if holds is None else []
        if holds and candidate in rules.allow:
            break
    amount = environment["i.big"]

    def small(fallback: Fallback | None) -> bool:
        return bool(
            fallback and fallback.approve_below and amount is not None and amount < fallback.approve_below.amount
        )

    return settle_outcome(
        rules,
        Evaluation(
            hits,
            unknowns,
            repeated=environment["i.positive"] != 1,
            missing=any(environment[name] is None for name in rules.requires) and not small(rules.when_missing),
            stale=AT - features_at > rules.stale_after and not small(rules.when_stale),
        ),
    )


@EXAMPLES
@given(rule_sets(), st.lists(environments(missing=True), min_size=1, max_size=3), st.sampled_from([AT, 70.0, 69.0]))
def test_a_whole_rule_set_is_what_its_rules_are_one_by_one(
    rules: RuleSet, cases: list[dict[str, Any]], features_at: float
) -> None:
    decide = compile_rule_set(rules).decide
    for environment in cases:
        for _ in range(2):  # the second time from memory
            assert decide(*vector(environment), AT, features_at) == one_by_one(rules, environment, features_at)


@EXAMPLES
@given(rule_sets(), environments(missing=False))
def test_a_whole_rule_set_with_nothing_missing_is_what_its_rules_are_one_by_one(
    rules: RuleSet, environment: dict[str, Any]
) -> None:
    assert compile_rule_set(rules).decide(*vector(environment), AT) == one_by_one(rules, environment, AT)


@pytest.mark.parametrize("divisor", ["i.positive", "i.negative", "7", "-7"])
@pytest.mark.parametrize("operator", ["/", "%"])
def test_int_division_truncates_toward_zero_as_google_does(operator: str, divisor: str) -> None:
    environment: dict[str, Any] = dict.fromkeys(VARIABLES.names)
    for dividend in range(-5, 6):
        for magnitude in range(1, 10):
            values = {**environment, "i.small": dividend, "i.positive": magnitude, "i.negative": -magnitude}
            quotients = [
                result
                for result in range(-9, 10)
                if alone(parse_condition(f"i.small {operator} {divisor} == {result}", SCOPE), values)
            ]
            assert len(quotients) == 1
            present = {name: value for name, value in values.items() if value is not None}
            assert by_google(f"i.small {operator} {divisor} == {quotients[0]}", present)


@pytest.mark.parametrize("element", ["s.one", "(b.one ? s.one : s.two)"])
@pytest.mark.parametrize(("value", "expected"), [("a", ()), ("b", ("rule_0",)), ('quo"te', ("rule_0",)), ("é", ())])
def test_an_entry_of_a_list_counts_until_it_expires(element: str, value: str, expected: tuple[str, ...]) -> None:
    environment = {**dict.fromkeys(VARIABLES.names), "b.one": True, "s.one": value, "s.two": value}
    assert simple(f"{element} in lists.ending").decide(*vector(environment), AT).hits == expected
    all_known = vector({**environment, **{name: 0 for name, item in environment.items() if item is None}})
    assert simple(f"{element} in lists.ending").decide(*all_known, AT).hits == expected


def simple(*texts: str) -> CompiledRules:
    return compile_rule_set(rule_set(tuple(rule(i, parse_condition(t, SCOPE)) for i, t in enumerate(texts))))


def test_a_test_that_rules_share_is_made_once() -> None:
    text = simple("i.big > 700 && b.one", "b.two && i.big > 700", "i.big > 700").source
    assert [line.count("i__big > 700") for line in text.split("def _decide_partly")[:1]] == [1]


def test_the_same_rule_set_gives_the_same_source() -> None:
    texts = ("i.big > 700 && b.one", 's.one in ["a", "b"] && i.big > 700')
    assert simple(*texts).source == simple(*texts).source


@pytest.mark.parametrize("hostile", ['"); import os; ("', "\\n    return 1\\n", "'''", "{__builtins__}"])
def test_a_string_literal_reaches_the_source_as_a_literal_only(hostile: str) -> None:
    escaped = hostile.replace('"', '\\"')
    compiled = simple(f'"{escaped}" == s.one')
    environment = {**dict.fromkeys(VARIABLES.names), "s.one": hostile.replace("\\n", "\n")}
    assert compiled.decide(*vector(environment), AT).hits == ("rule_0",)


def test_the_compiled_function_can_name_no_builtin() -> None:
    assert simple("b.one").decide.__globals__["__builtins__"] == {}  # type: ignore[attr-defined]


def test_a_variable_that_no_rule_reads_may_be_missing_at_no_cost() -> None:
    environment = {**dict.fromkeys(VARIABLES.names), "b.one": True}
    assert simple("b.one").decide(*vector(environment), AT) == Outcome(Advice.APPROVE, 1, (), ("rule_0",), ())


def test_features_whose_age_is_not_a_number_are_stale() -> None:
    rules = rule_set(
        (rule(0, parse_condition("b.one", SCOPE)),),
        when_stale=Fallback(Advice.STEPUP_NEEDED, "OLD"),
        stale_after=5,
    )
    values, _ = vector({**dict.fromkeys(VARIABLES.names), "b.one": False})
    assert compile_rule_set(rules).decide(values, 0, AT, float("nan")).reasons == ("OLD",)


def test_the_memory_of_outcomes_is_bounded() -> None:
    wide = simple(*(f"i.big % {2 ** (bit + 1)} >= {2**bit}" for bit in range(13)))
    environment = dict.fromkeys(VARIABLES.names)
    for number in range(2**13):
        values, missing = vector({**environment, "i.big": number})
        assert len(wide.decide(values, missing, AT).hits) == number.bit_count()
    assert len(wide.decide.__globals__["_remembered"]) <= REMEMBERED  # type: ignore[attr-defined]


NESTINGS = [
    "(b.one ? {} : b.two)",
    "(b.two ? b.one : {})",
    "({} ? b.one : b.two)",
    "!{}",
    "(b.one == {})",
    "({} || b.two)",
]


@pytest.mark.parametrize("outer", NESTINGS)
@pytest.mark.parametrize("inner", NESTINGS)
def test_a_condition_as_deep_as_allowed_compiles_to_source_in_proportion(outer: str, inner: str) -> None:
    text, deeper = "b.one", outer.format(inner.format("b.one"))
    while _accepted(deeper):
        text, deeper = deeper, outer.format(inner.format(deeper))
    expression = parse_condition(text, SCOPE)
    coder = Coder(LISTS)
    assert len(coder.possibly(expression)) + len(coder.surely(expression)) < 60 * len(text)
    environment = dict.fromkeys(VARIABLES.names)
    outcome = simple(text).decide(*vector(environment), AT)
    assert bool(outcome.unknowns) is (evaluate(expression, environment, LISTS, AT) is None)


def _accepted(text: str) -> bool:
    try:
        parse_condition(text, SCOPE)
    except Invalid:
        return False
    return True


def test_a_rule_set_without_variables_compiles() -> None:
    rules = RuleSet("name", "operation", Variables([]), 0, (rule(0, parse_condition("true", SCOPE)),))
    assert compile_rule_set(rules).decide((), 0, AT).hits == ("rule_0",)
