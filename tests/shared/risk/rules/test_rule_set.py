"""A rule set is read whole, or refused with everything that is wrong with it and where."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.advice import Advice
from shared.errors import Invalid
from shared.expressions.variables import Type, Variable
from shared.privacy import DataClass
from shared.risk.rules.rule import Fallback, Limit, StepUpBeforeBlock, Threshold
from shared.times import LATEST
from tests.support.builders.rule_documents import DOCUMENT, document, parsed


def problems(**changes: Any) -> list[str]:
    with pytest.raises(Invalid) as refused:
        parsed(**changes)
    return [str(problem) for problem in refused.value.problems]


def rule(index: int, **changes: Any) -> dict[str, Any]:
    return {name: part for name, part in (DOCUMENT["rules"][index] | changes).items() if part is not None}


def test_the_vector_is_the_features_and_then_the_variables_of_the_question() -> None:
    rules = parsed()
    assert rules.question_from == 3
    assert rules.variables.names[2:4] == ("client.payees", "transaction.amount")
    assert rules.variables[4] == Variable(
        "transaction.payee", Type.STRING, data_class=DataClass.PSEUDONYMOUS, pointer="/payee"
    )


def test_the_policies_are_read() -> None:
    rules = parsed()
    assert rules.when_missing == Fallback(Advice.STEPUP_NEEDED, "FEATURES_MISSING", Limit("transaction.amount", 1000))
    assert rules.when_stale == Fallback(Advice.MANUAL_APPROVAL_NEEDED, "FEATURES_STALE")
    assert (rules.requires, rules.stale_after) == (("client.count_1h",), 60)
    assert rules.step_up_before_block == StepUpBeforeBlock("operation.attempt", frozenset({"BUSY"}))
    assert rules.thresholds == (Threshold(50, Advice.MANUAL_APPROVAL_NEEDED, "SCORE_HIGH"),)
    assert rules.order == (Advice.REJECT, Advice.MANUAL_APPROVAL_NEEDED, Advice.STEPUP_NEEDED)


def test_a_rule_has_an_outcome_or_a_score_and_says_what_it_is_when_unknown() -> None:
    busy, large = parsed().rules
    assert (busy.outcome, busy.score, busy.unknown, busy.unknown_hits) == (
        Advice.REJECT,
        0,
        Advice.STEPUP_NEEDED,
        False,
    )
    assert (large.outcome, large.score, large.unknown, large.unknown_hits) == (None, 60, None, True)
    assert parsed().allow[0].outcome is Advice.APPROVE


def test_without_a_list_of_its_own_an_approval_requires_every_feature_that_the_rules_read() -> None:
    features = {name: part for name, part in DOCUMENT["features"].items() if name != "requires"}
    assert parsed(features=features).requires == ("client.count_1h", "client.mean_30d")


def test_an_entry_expires_at_the_end_of_its_day_or_at_its_time() -> None:
    lists = {
        "trusted": [
            "a",
            {"value": "b", "expires": "2027-01-31"},
            {"value": "c", "expires": "2027-01-31T12:00:00+01:00"},
            {"value": "d", "expires": "9999-12-31"},
            {"value": "e", "expires": "9999-12-31T23:59:59-14:00"},
        ]
    }
    assert parsed(lists=lists).lists == {
        "trusted": {
            "a": float("inf"),
            "b": datetime(2027, 2, 1, tzinfo=UTC).timestamp(),
            "c": datetime(2027, 1, 31, 11, tzinfo=UTC).timestamp(),
            "d": LATEST.timestamp(),
            "e": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp() + 14 * 3600,
        }
    }


def test_everything_wrong_is_told_at_once() -> None:
    changes = {
        "rules": [
            rule(0, when="!client.count_1h", notify_client=None),
            rule(1, when="\n  unlike.anything > 1 &&", outcome="REJECT"),
        ],
        "base": {"client.count_1h": "many", "client.nothing": 1},
        "lists": {"trusted": ["a", "a", {"value": "b", "expires": "2027-01-31T12:00:00"}]},
    }
    assert problems(**changes) == [
        "/lists/trusted/1: stands in this list before",
        "/lists/trusted/2/expires: expected a day (2027-01-31, the whole of it, UTC) or a time with its zone",
        "/rules/0/when: rule 'busy', 1:1: '!' expected bool, found int 'client.count_1h'",
        "/rules/1: rule 'large': expected either an outcome or a score",
        "/rules/1/when: rule 'large', 2:3: there is no variable 'unlike.anything'",
        "/stepup_before_block/reasons/0: no rule or threshold has this reason",
        "/base/client.count_1h: expected int from 0 to 1000, or null for missing",
        "/base/client.nothing: there is no variable of this name; did you mean 'client.count_1h'?",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rules": None}, "/rules: is required"),
        ({"features": None}, "/features: the rules read features, so say what happens when those are missing or stale"),
        ({"rules": [rule(0), rule(0)]}, "/rules/1/id: was given before"),
        ({"thresholds": DOCUMENT["thresholds"] * 2}, "/thresholds/1/at_least: was given before"),
        (
            {"rules": [rule(0), rule(1, notify_client="x")]},
            "/rules/1/notify_client: rule 'large': expected an outcome beside it",
        ),
        ({"rules": [rule(0), rule(1, score=None)]}, "/rules/1: rule 'large': expected either an outcome or a score"),
        ({"rules": [rule(0, unknown=None)]}, "/rules/0/unknown: is required"),
        (
            {"rules": [rule(0, fixtures={"hit": [{"client.count_1h": 1001}]})]},
            "/rules/0/fixtures/hit/0/client.count_1h: expected int from 0 to 1000, or null for missing",
        ),
        (
            {"stepup_before_block": {"attempt": "transaction.payee", "reasons": "all"}},
            "/stepup_before_block/attempt: expected an int or double variable, found string",
        ),
        (
            {
                "variables": DOCUMENT["variables"]
                | {"client.count_1h": {"type": "bool", "pointer": "/x", "data_class": "none"}}
            },
            "/variables/client.count_1h: is already the name of a feature",
        ),
        (
            {"variables": DOCUMENT["variables"] | {"x": {"type": "int", "pointer": "/x", "data_class": "none"}}},
            "/variables/x: a number needs a lowest and a highest value, to prove that no arithmetic overflows",
        ),
        (
            {"variables": DOCUMENT["variables"] | {"x": {"type": "bool", "pointer": "x", "data_class": "none"}}},
            "/variables/x/pointer: a JSON pointer starts with /",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(changes: dict[str, Any], expected: str) -> None:
    assert problems(**changes) == [expected]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"order": ["REJECT", "STEPUP_NEEDED"]}, "/order"),
        ({"order": ["REJECT", "APPROVE", "STEPUP_NEEDED"]}, "/order/1"),
        ({"rules": []}, "/rules"),
        ({"rules": [rule(0, outcome="APPROVE")]}, "/rules/0/outcome"),
        ({"rules": [rule(0, reason="busy")]}, "/rules/0/reason"),
        ({"rules": [rule(0, id="Busy")]}, "/rules/0/id"),
        ({"rules": [rule(0, wehn="true")]}, "/rules/0"),
        ({"lists": {"trusted": [1]}}, "/lists/trusted/0"),
        ({"lists": {"__class__": []}}, "/lists"),
        ({"stepup_before_block": {"attempt": "operation.attempt", "reasons": "some"}}, "/stepup_before_block/reasons"),
    ],
)
def test_another_shape_is_refused_and_no_value_quoted(changes: dict[str, Any], where: str) -> None:
    refusals = problems(**changes)
    assert [problem.split(":")[0] for problem in refusals] == [where]


def test_a_rule_set_too_large_to_be_compiled_in_time_is_refused() -> None:
    when = " && ".join(["client.count_1h > 3"] * 100)
    rules = [rule(0, id=f"rule_{number}", when=when) for number in range(34)]
    expected = "/rules: all conditions together have more than 10000 values and operators"
    assert problems(rules=rules) == [expected]
    assert len(parsed(rules=rules[:33]).rules) == 33


def test_reading_leaves_the_document_as_it_is() -> None:
    before = document()
    parsed()
    assert before == DOCUMENT
