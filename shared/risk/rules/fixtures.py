"""Tries every rule on the examples that ship with it: what must hit hits, what must miss misses."""

from collections.abc import Iterator

import msgspec

from shared.risk.rules.explain import Verdict, verdict
from shared.risk.rules.rule import Rule
from shared.risk.rules.rule_set import RuleSet


class FixtureFailure(msgspec.Struct, frozen=True):
    """A rule that does not do as its example says; `fixture` is the example's place (`hit/0`), `found` what came of it.

    With `found` being `None` there is no example: every rule has one that hits and one that misses.
    """

    rule: str
    fixture: str
    expected: Verdict
    found: Verdict | None


def run_fixtures(rule_set: RuleSet, at: float = 0.0) -> list[FixtureFailure]:
    """All failures, in the order of the rules. At the epoch (the default) no list entry has expired."""
    return [failure for rule in (*rule_set.allow, *rule_set.rules) for failure in _failures(rule_set, rule, at)]


def _failures(rule_set: RuleSet, rule: Rule, at: float) -> Iterator[FixtureFailure]:
    fixtures = {
        "hit": (Verdict.HIT, rule.fixtures.hit),
        "miss": (Verdict.MISSED, rule.fixtures.miss),
        "unknown": (Verdict.UNKNOWN, rule.fixtures.unknown),
    }
    for kind, (expected, environments) in fixtures.items():
        if not environments and expected is not Verdict.UNKNOWN:
            yield FixtureFailure(rule.id, kind, expected, None)
        for place, environment in enumerate(environments):
            values, _ = rule_set.variables.vector({**rule_set.base, **environment})
            found = verdict(rule_set, rule, values, at)
            if found is not expected:
                yield FixtureFailure(rule.id, f"{kind}/{place}", expected, found)
