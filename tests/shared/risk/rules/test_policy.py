"""How rules, scores and policies add up to one advice with its reasons."""

from typing import Any

from shared.advice import Advice
from shared.risk.rules.compiler import compile_rule_set
from shared.risk.rules.outcome import Outcome
from tests.support.builders.rule_documents import DOCUMENT, parsed

NOW = 1_800_000_000.0
CALM = {
    "client.count_1h": 1,
    "client.mean_30d": 1000.0,
    "client.payees": (),
    "transaction.amount": 5000,
    "transaction.payee": "p-9",
    "operation.attempt": 1,
}


def decided(environment: dict[str, Any], features_at: float = NOW, **changes: Any) -> Outcome:
    rule_set = parsed(**changes)
    values, missing = rule_set.variables.vector({**CALM, **environment})
    return compile_rule_set(rule_set).decide(values, missing, NOW, features_at)


def rule(name: str, **changes: Any) -> dict[str, Any]:
    return {"id": name, "when": "true", "reason": name.upper(), "unknown": "ignore", **changes}


def by_rules(*rules: dict[str, Any], **changes: Any) -> Outcome:
    return decided({}, rules=list(rules), **{"stepup_before_block": None, "thresholds": None, **changes})


def test_an_operation_that_no_rule_hits_is_approved_without_reasons() -> None:
    assert decided({}) == Outcome(Advice.APPROVE)


def test_a_short_cut_that_hits_approves_before_any_rule_is_looked_at() -> None:
    outcome = decided({"transaction.payee": "p-1", "client.count_1h": 50})
    assert outcome == Outcome(Advice.APPROVE, 0, ("TRUSTED_PAYEE",), ("trusted_payee",))


def test_an_expired_entry_of_a_list_is_none() -> None:
    after = 1_801_440_000.0  # 2027-02-01T00:00:00Z, the end of the entry's last day
    rule_set = parsed(
        features=DOCUMENT["features"] | {"stale": {"after_seconds": 31536000, "outcome": "REJECT", "reason": "X"}}
    )
    values, _ = rule_set.variables.vector({**CALM, "transaction.payee": "p-2"})
    decide = compile_rule_set(rule_set).decide
    assert [decide(values, 0, at).reasons for at in (after - 1, after)] == [("TRUSTED_PAYEE",), ()]


def test_the_strictest_outcome_wins_with_its_own_reasons_each_once_in_the_order_of_the_rules() -> None:
    outcome = by_rules(
        rule("a", outcome="STEPUP_NEEDED"),
        rule("b", outcome="REJECT", reason="R"),
        rule("c", outcome="MANUAL_APPROVAL_NEEDED"),
        rule("d", outcome="REJECT"),
        rule("e", outcome="REJECT", reason="R"),
    )
    assert outcome == Outcome(Advice.REJECT, 0, ("R", "D"), ("a", "b", "c", "d", "e"))


def test_a_rule_set_can_order_outcomes_otherwise() -> None:
    order = ["STEPUP_NEEDED", "REJECT", "MANUAL_APPROVAL_NEEDED"]
    outcome = by_rules(rule("a", outcome="REJECT"), rule("b", outcome="STEPUP_NEEDED"), order=order)
    assert (outcome.advice, outcome.reasons) == (Advice.STEPUP_NEEDED, ("B",))


def test_the_highest_threshold_that_the_scores_reach_counts_and_its_reason_stands_before_theirs() -> None:
    thresholds = [
        {"at_least": 30, "outcome": "REJECT", "reason": "HIGH"},
        {"at_least": 10, "outcome": "STEPUP_NEEDED", "reason": "RAISED"},
    ]
    scores = [rule("a", score=20), rule("b", score=-5), rule("c", score=15)]
    assert by_rules(*scores, thresholds=thresholds) == Outcome(
        Advice.REJECT, 30, ("HIGH", "A", "B", "C"), ("a", "b", "c")
    )
    assert by_rules(*scores[:2], thresholds=thresholds) == Outcome(
        Advice.STEPUP_NEEDED, 15, ("RAISED", "A", "B"), ("a", "b")
    )


def test_a_score_below_every_threshold_approves_and_gives_no_reason() -> None:
    assert by_rules(rule("a", score=9)) == Outcome(Advice.APPROVE, 9, (), ("a",))


def test_an_unknown_rule_counts_as_it_says() -> None:
    unknown = {"client.count_1h": None, "client.mean_30d": None, "transaction.payee": None}
    when = "client.count_1h > 5"

    def of(*rules: dict[str, Any]) -> Outcome:
        features = DOCUMENT["features"] | {"requires": []}
        return decided(unknown, rules=list(rules), features=features, stepup_before_block=None)

    assert of(rule("a", outcome="REJECT", when=when)) == Outcome(Advice.APPROVE, 0, (), (), ("trusted_payee", "a"))
    assert of(rule("a", outcome="REJECT", when=when, unknown="hit")).advice is Advice.REJECT
    assert of(rule("a", outcome="REJECT", when=when, unknown="STEPUP_NEEDED")) == Outcome(
        Advice.STEPUP_NEEDED, 0, ("A",), (), ("trusted_payee", "a")
    )
    assert of(rule("a", score=60, when=when, unknown="hit")).score == 60
    assert of(rule("a", score=60, when=when, unknown="REJECT")) == Outcome(
        Advice.REJECT, 0, ("A",), (), ("trusted_payee", "a")
    )


def test_a_first_attempt_is_stepped_up_before_it_is_blocked_and_the_client_not_told_of_a_rejection() -> None:
    assert decided({"client.count_1h": 50}) == Outcome(Advice.STEPUP_NEEDED, 0, ("BUSY",), ("busy",))


def test_a_second_attempt_is_blocked_and_the_client_told() -> None:
    outcome = decided({"client.count_1h": 50, "operation.attempt": 2})
    assert outcome == Outcome(Advice.REJECT, 0, ("BUSY",), ("busy",), (), "payment_rejected")


def test_an_attempt_of_unknown_number_is_not_stepped_up() -> None:
    assert decided({"client.count_1h": 50, "operation.attempt": None}).advice is Advice.REJECT


def test_a_rejection_for_one_reason_that_is_not_eligible_is_not_stepped_up() -> None:
    rules = [*DOCUMENT["rules"], rule("stolen", outcome="REJECT")]
    outcome = decided({"client.count_1h": 50}, rules=rules)
    assert (outcome.advice, outcome.reasons) == (Advice.REJECT, ("BUSY", "STOLEN"))


def test_any_rejection_can_be_made_eligible() -> None:
    policy = {"attempt": "operation.attempt", "reasons": "all"}
    assert by_rules(rule("a", outcome="REJECT"), stepup_before_block=policy).advice is Advice.STEPUP_NEEDED


def test_an_approval_without_a_required_feature_becomes_what_was_declared() -> None:
    rules = [rule("busy", when="client.count_1h >= 10", outcome="REJECT")]
    outcome = decided({"client.count_1h": None}, rules=rules, stepup_before_block=None)
    assert outcome == Outcome(Advice.STEPUP_NEEDED, 0, ("FEATURES_MISSING",), (), ("busy",))


def test_a_short_cut_that_reads_a_feature_does_not_outweigh_features_that_are_missing() -> None:
    short_cut = {"id": "calm", "when": "client.mean_30d < 5000.0", "reason": "CALM"}
    outcome = decided({"client.count_1h": None}, allow=[short_cut])
    assert (outcome.advice, outcome.reasons) == (Advice.STEPUP_NEEDED, ("CALM", "FEATURES_MISSING"))


def test_a_short_cut_that_reads_the_question_alone_stands_whatever_features_are_missing_or_stale() -> None:
    outcome = decided({"client.count_1h": None, "transaction.payee": "p-1"}, features_at=0.0)
    assert (outcome.advice, outcome.reasons) == (Advice.APPROVE, ("TRUSTED_PAYEE",))


def test_below_the_declared_amount_an_approval_without_features_stays_one() -> None:
    rules = [rule("busy", when="client.count_1h >= 10", outcome="REJECT")]

    def of(amount: int | None) -> Advice:
        missing = {"client.count_1h": None, "transaction.amount": amount}
        return decided(missing, rules=rules, stepup_before_block=None).advice

    assert [of(999), of(1000), of(None)] == [Advice.APPROVE, Advice.STEPUP_NEEDED, Advice.STEPUP_NEEDED]


def test_a_rejection_without_features_stays_one() -> None:
    rules = [rule("too_large", when="transaction.amount > 1000", outcome="REJECT"), *DOCUMENT["rules"]]
    assert decided({"client.count_1h": None}, rules=rules).advice is Advice.REJECT


def test_an_approval_on_stale_features_becomes_what_was_declared() -> None:
    assert [decided({}, NOW - age).reasons for age in (60, 61)] == [(), ("FEATURES_STALE",)]


def test_of_missing_and_stale_the_stricter_counts() -> None:
    rules = [rule("busy", when="client.count_1h >= 10", outcome="REJECT")]
    outcome = decided({"client.count_1h": None}, NOW - 61, rules=rules, stepup_before_block=None)
    assert (outcome.advice, outcome.reasons) == (Advice.MANUAL_APPROVAL_NEEDED, ("FEATURES_STALE",))


def test_the_client_is_told_only_if_every_rule_that_led_to_the_advice_permits_it() -> None:
    declining = rule("a", outcome="REJECT", notify_client="declined")
    assert by_rules(declining, rule("b", outcome="STEPUP_NEEDED")).notify == "declined"
    assert by_rules(declining, rule("b", outcome="REJECT")).notify is None
    assert (
        by_rules(
            declining, rule("b", score=90), thresholds=[{"at_least": 50, "outcome": "REJECT", "reason": "HIGH"}]
        ).notify
        is None
    )


def test_an_outcome_that_stands_for_missing_data_is_not_told_to_the_client() -> None:
    absent = "client.count_1h > 1"
    unknown = rule("a", when=absent, outcome="REJECT", unknown="REJECT", notify_client="declined")
    outcome = decided({"client.count_1h": None}, rules=[unknown], stepup_before_block=None, thresholds=None)
    assert (outcome.advice, outcome.notify) == (Advice.REJECT, None)
