"""Tries every rule on the examples that ship with it, and lists those whose verdict is another than expected."""

from collections.abc import Iterator

import msgspec

from shared.risk.rules.explain import Verdict, verdict
from shared.risk.rules.rule import Rule
from shared.risk.rules.rule_set import RuleSet


class FixtureFailure(msgspec.Struct, frozen=True):
    """A rule whose verdict is not what its example expects; `fixture` names the example by kind and index (`hit/0`).

    `actual` is `None` where there is no example: every rule needs one that hits and one that misses.
    """

    rule: str
    fixture: str
    expected: Verdict
    actual: Verdict | None


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
        for index, environment in enumerate(environments):
            values, _ = rule_set.variables.vector({**rule_set.base, **environment})
            actual = verdict(rule_set, rule, values, at)
            if actual is not expected:
                yield FixtureFailure(rule.id, f"{kind}/{index}", expected, actual)
