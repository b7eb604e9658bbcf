"""A rule set: what a risk analyst wrote, checked as a whole, ready to be compiled, explained and tried."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from shared.advice import Advice
from shared.errors import Invalid, Problem
from shared.expressions.expression import references, walk
from shared.expressions.variables import Variables
from shared.json_schema import JsonSchema
from shared.risk.rules.declarations import named_lists, question_variables
from shared.risk.rules.rule import Environment, Fallback, Rule, StepUpBeforeBlock, Threshold
from shared.risk.rules.rule_parser import RuleParser
from shared.schema_files import load

DEFAULT_ORDER = (Advice.REJECT, Advice.MANUAL_APPROVAL_NEEDED, Advice.STEPUP_NEEDED)
"""The outcomes a rule can ask for, the strictest first."""

MAX_NODES = 10_000
"""Values and operators in all conditions together: what compiles within a second."""

SCHEMA = "json/rule_set.v1.json"
"""The contract of a rule set's shape, below `schemas/`."""


class RuleSet(msgspec.Struct, frozen=True):
    """A whole rule set. `variables` are the features and behind them (from `question_from`) the question's variables.

    `lists` maps each list's entries to the instant they expire (epoch seconds, `inf` for never). `order` has the
    strictest outcome first. `when_missing` holds if any of `requires` is missing; `when_stale` if the features
    are older than `stale_after` seconds.
    """

    name: str
    operation: str
    variables: Variables
    question_from: int
    rules: tuple[Rule, ...]
    allow: tuple[Rule, ...] = ()
    lists: Mapping[str, Mapping[str, float]] = msgspec.field(default_factory=dict)
    thresholds: tuple[Threshold, ...] = ()
    order: tuple[Advice, ...] = DEFAULT_ORDER
    step_up_before_block: StepUpBeforeBlock | None = None
    requires: tuple[str, ...] = ()
    when_missing: Fallback | None = None
    when_stale: Fallback | None = None
    stale_after: float = float("inf")
    base: Environment = msgspec.field(default_factory=dict)
    description: str = ""


def parse_rule_set(document: Mapping[str, Any], features: Variables) -> RuleSet:
    """The rule set that `document` describes, over the variables of the features schema and its own.

    Raises `Invalid` with every problem found: its field is a JSON pointer into the document, its message names the
    rule, the place in the condition (`line:column`) and what was expected.
    """
    _shape().validate(document)
    question = question_variables(document.get("variables", {}))
    if clashes := [name for name in question.names if name in features]:
        raise Invalid(*(Problem(f"/variables/{name}", "is already the name of a feature") for name in clashes))
    lists, problems = named_lists(document.get("lists", {}))
    rule_set = _read(document, RuleParser(features + question, lists, problems), len(features))
    problems += _repeated(document)
    if problems:
        raise Invalid(*problems)
    return rule_set


@cache
def _shape() -> JsonSchema:
    return JsonSchema(load(SCHEMA))


def _read(document: Mapping[str, Any], reader: RuleParser, question_from: int) -> RuleSet:
    allow = reader.rules(document.get("allow", ()), "/allow")
    rules = reader.rules(document["rules"], "/rules")
    thresholds = tuple(
        Threshold(threshold["at_least"], Advice(threshold["outcome"]), threshold["reason"])
        for threshold in document.get("thresholds", ())
    )
    reasons = {rule.reason for rule in rules} | {threshold.reason for threshold in thresholds}
    features = document.get("features", {})
    read = _features_read((*allow, *rules), question_from)
    if read and not features:
        reader.refuse("/features", "the rules read features, so say what happens when those are missing or stale")
    if sum(1 for rule in (*allow, *rules) for _ in walk(rule.when.expression)) > MAX_NODES:
        reader.refuse("/rules", f"all conditions together have more than {MAX_NODES} values and operators")
    return RuleSet(
        name=document["name"],
        operation=document["operation"],
        variables=reader.variables,
        question_from=question_from,
        rules=rules,
        allow=allow,
        lists=reader.lists,
        thresholds=thresholds,
        order=tuple(Advice(advice) for advice in document.get("order", DEFAULT_ORDER)),
        step_up_before_block=reader.step_up(document.get("stepup_before_block"), reasons),
        requires=reader.names(features.get("requires", read), "/features/requires"),
        when_missing=reader.fallback(features.get("missing"), "/features/missing"),
        when_stale=reader.fallback(features.get("stale"), "/features/stale"),
        stale_after=features.get("stale", {}).get("after_seconds", float("inf")),
        base=reader.environment(document.get("base", {}), "/base"),
        description=document.get("description", ""),
    )


def _features_read(rules: Iterable[Rule], question_from: int) -> list[str]:
    names = {reference.index: reference.name for rule in rules for reference in references(rule.when.expression)}
    return [names[index] for index in sorted(names) if index < question_from]


def _repeated(document: Mapping[str, Any]) -> list[Problem]:
    """What must be there only once: ids among all rules, and each threshold."""
    places = [
        *(
            (f"/{kind}/{index}/id", rule["id"])
            for kind in ("allow", "rules")
            for index, rule in enumerate(document.get(kind, ()))
        ),
        *(
            (f"/thresholds/{index}/at_least", threshold["at_least"])
            for index, threshold in enumerate(document.get("thresholds", ()))
        ),
    ]
    seen: set[str | int] = set()
    return [Problem(where, "was given before") for where, value in places if value in seen or seen.add(value)]  # type: ignore[func-returns-value] # adds, and is never true
