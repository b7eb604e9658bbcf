"""Explaining shows each rule's verdict with the values it read."""

from shared.risk.rules.compiler import compile_rule_set
from shared.risk.rules.explain import Verdict, explain
from tests.support.builders.rule_documents import parsed

RULES = parsed()
VALUES, MISSING = RULES.variables.vector(
    {"client.count_1h": 50, "transaction.amount": 5000, "transaction.payee": "p-9", "operation.attempt": 1}
)


def test_each_rule_is_explained_in_the_order_of_evaluation() -> None:
    explained = [
        (explanation.position, explanation.rule.id, explanation.verdict, explanation.values)
        for explanation in explain(RULES, VALUES, 0.0)
    ]
    assert explained == [
        (0, "trusted_payee", Verdict.MISSED, {"transaction.payee": "p-9"}),
        (1, "busy", Verdict.HIT, {"client.count_1h": 50}),
        (2, "large", Verdict.UNKNOWN, {"client.mean_30d": None, "transaction.amount": 5000}),
    ]


def test_an_explanation_is_what_the_decision_found() -> None:
    outcome = compile_rule_set(RULES).decide(VALUES, MISSING, 0.0)
    explained = explain(RULES, VALUES, 0.0)
    assert outcome.hits == tuple(explanation.rule.id for explanation in explained if explanation.verdict is Verdict.HIT)
    assert outcome.unknowns == tuple(
        explanation.rule.id for explanation in explained if explanation.verdict is Verdict.UNKNOWN
    )
