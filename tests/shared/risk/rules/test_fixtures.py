"""A rule set's own examples are tried, and it is told which do not hold."""

from shared.risk.rules.explain import Verdict
from shared.risk.rules.fixtures import FixtureFailure, run_fixtures
from tests.support.builders.rule_documents import DOCUMENT, parsed


def test_a_rule_set_that_does_as_its_examples_say_has_no_failure() -> None:
    assert run_fixtures(parsed()) == []


def test_each_example_that_does_not_hold_is_told_with_what_came_of_it() -> None:
    busy, large = DOCUMENT["rules"]
    fixtures = {"hit": [{}, {"client.count_1h": None}], "miss": [{"client.count_1h": 99}], "unknown": [{}]}
    assert run_fixtures(parsed(rules=[{**busy, "fixtures": fixtures}, large])) == [
        FixtureFailure("busy", "hit/0", Verdict.HIT, Verdict.MISSED),
        FixtureFailure("busy", "hit/1", Verdict.HIT, Verdict.UNKNOWN),
        FixtureFailure("busy", "miss/0", Verdict.MISSED, Verdict.HIT),
        FixtureFailure("busy", "unknown/0", Verdict.UNKNOWN, Verdict.MISSED),
    ]


def test_a_rule_without_an_example_that_hits_and_one_that_misses_fails() -> None:
    busy, large = DOCUMENT["rules"]
    assert run_fixtures(parsed(rules=[busy, {**large, "fixtures": {}}])) == [
        FixtureFailure("large", "hit", Verdict.HIT, None),
        FixtureFailure("large", "miss", Verdict.MISSED, None),
    ]
