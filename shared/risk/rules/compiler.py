"""Compiles a rule set, once per version, into one Python function from values to the outcome.

The function finds facts (see `source`); from the facts `settle` makes the outcome, once for each set of facts that is
met: outcomes are values, so they are kept and shared.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from shared.expressions.compiler import define
from shared.risk.rules import function_source
from shared.risk.rules.outcome import Outcome
from shared.risk.rules.policy import Evaluation, settle_outcome
from shared.risk.rules.rule import Rule
from shared.risk.rules.rule_set import RuleSet

REMEMBERED = 4096
"""Sets of facts whose outcome is kept; with more, all are forgotten and found again."""


class Decide(Protocol):
    """The compiled function."""

    def __call__(self, values: tuple[object, ...], missing: int, at: float, features_at: float = ..., /) -> Outcome:
        """The outcome for a vector of `values`, in the order of the rule set's variables.

        Bit i of `missing` is set exactly if `values[i]` is `None`; every other value is one its variable admits.
        `at` is the time of the decision, `features_at` up to when the features are complete (by default for ever), in
        epoch seconds.
        """
        ...


class CompiledRules(msgspec.Struct, frozen=True):
    """A rule set, the function that decides by it, and that function's source for people to read."""

    rule_set: RuleSet
    decide: Decide
    source: str


def compile_rule_set(rule_set: RuleSet) -> CompiledRules:
    """The compiled form of `rule_set`."""
    text = function_source.functions(rule_set)
    remembered: dict[tuple[int, ...], Outcome] = {}
    names = {
        "_remembered": remembered,
        "_settle": _settling(rule_set, remembered),
        "_nothing": settle_outcome(rule_set, Evaluation()),
    }
    decide: Decide = define(text, rule_set.lists, names, f"rules {rule_set.name}")["_decide"]
    return CompiledRules(rule_set, decide, text)


def _settling(rule_set: RuleSet, remembered: dict[tuple[int, ...], Outcome]) -> Callable[..., Outcome]:
    """A function from words of facts (hits, then unknowns if any) to the outcome, which it puts into `remembered`."""
    rules = (*rule_set.allow, *rule_set.rules)
    count = function_source.words(rule_set)

    def bits(words: tuple[int, ...]) -> int:
        return sum(word << index * function_source.WORD for index, word in enumerate(words))

    def among_rules(facts: int) -> list[Rule]:
        return [rule for bit, rule in enumerate(rules, function_source.FIRST_RULE) if facts >> bit & 1]

    def outcome(*words: int) -> Outcome:
        hits, unknowns = bits(words[:count]), bits(words[count:])
        facts = Evaluation(
            hits=among_rules(hits),
            unknowns=among_rules(unknowns),
            repeated=bool(hits >> function_source.REPEATED & 1),
            missing=bool(hits >> function_source.MISSING & 1),
            stale=bool(hits >> function_source.STALE & 1),
        )
        if len(remembered) >= REMEMBERED:
            remembered.clear()
        return remembered.setdefault(words, settle_outcome(rule_set, facts))

    return outcome
