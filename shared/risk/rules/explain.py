"""Why a rule set decided as it did: each rule's verdict and the values it read. Slow, and for people."""

from enum import StrEnum

import msgspec

from shared.expressions.compiler import compile_condition
from shared.expressions.expression import references
from shared.risk.rules.rule import Rule
from shared.risk.rules.rule_set import RuleSet


class Verdict(StrEnum):
    """What came of one rule."""

    HIT = "hit"
    MISSED = "missed"
    UNKNOWN = "unknown"


class RuleExplanation(msgspec.Struct, frozen=True):
    """One rule, in the order of evaluation from 0, short cuts first. `values` are those it reads, `None` for missing.

    Values may be personal data: show them to who may see them, and do not log them.
    """

    position: int
    rule: Rule
    verdict: Verdict
    values: dict[str, object]


def explain(rule_set: RuleSet, values: tuple[object, ...], at: float) -> list[RuleExplanation]:
    """Every rule's verdict on `values` (as for `decide`) at `at`, epoch seconds.

    Rules behind a short cut that hits are explained too, though a decision does not get to them.
    """
    return [
        RuleExplanation(
            position,
            rule,
            verdict(rule_set, rule, values, at),
            {read.name: values[read.index] for read in references(rule.when.expression)},
        )
        for position, rule in enumerate((*rule_set.allow, *rule_set.rules))
    ]


def verdict(rule_set: RuleSet, rule: Rule, values: tuple[object, ...], at: float) -> Verdict:
    """What comes of one rule of `rule_set` alone."""
    condition = compile_condition(rule.when.expression, rule_set.variables, rule_set.lists, f"rules {rule_set.name}")
    holds = condition(values, at)
    return Verdict.UNKNOWN if holds is None else Verdict.HIT if holds else Verdict.MISSED
