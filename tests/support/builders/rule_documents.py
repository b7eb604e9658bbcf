"""A small rule set with everything in it, for the tests that read one."""

from copy import deepcopy
from typing import Any

from shared.expressions.variables import Type, Variable, Variables
from shared.risk.rules.rule_set import RuleSet, parse_rule_set

FEATURES = Variables(
    [
        Variable("client.count_1h", Type.INT, 0, 1000),
        Variable("client.mean_30d", Type.DOUBLE, 0, 1e12),
        Variable("client.payees", Type.LIST_STRING),
    ]
)

DOCUMENT: dict[str, Any] = {
    "name": "payments",
    "operation": "transaction",
    "description": "For tests.",
    "variables": {
        "transaction.amount": {
            "type": "int",
            "pointer": "/amount/minor",
            "min": 0,
            "max": 1000000,
            "data_class": "none",
        },
        "transaction.payee": {"type": "string", "pointer": "/payee", "data_class": "pseudonymous"},
        "operation.attempt": {"type": "int", "pointer": "/attempt", "min": 1, "max": 9, "data_class": "none"},
    },
    "lists": {"trusted": ["p-1", {"value": "p-2", "expires": "2027-01-31", "note": "until the contract ends"}]},
    "features": {
        "requires": ["client.count_1h"],
        "missing": {
            "outcome": "STEPUP_NEEDED",
            "reason": "FEATURES_MISSING",
            "approve_below": {"variable": "transaction.amount", "amount": 1000},
        },
        "stale": {"after_seconds": 60, "outcome": "MANUAL_APPROVAL_NEEDED", "reason": "FEATURES_STALE"},
    },
    "stepup_before_block": {"attempt": "operation.attempt", "reasons": ["BUSY"]},
    "thresholds": [{"at_least": 50, "outcome": "MANUAL_APPROVAL_NEEDED", "reason": "SCORE_HIGH"}],
    "base": {"client.count_1h": 1, "client.mean_30d": 100.0, "transaction.amount": 5000, "operation.attempt": 1},
    "allow": [
        {
            "id": "trusted_payee",
            "when": "transaction.payee in lists.trusted",
            "reason": "TRUSTED_PAYEE",
            "fixtures": {"hit": [{"transaction.payee": "p-1"}], "miss": [{"transaction.payee": "p-9"}]},
        }
    ],
    "rules": [
        {
            "id": "busy",
            "description": "More payments in an hour than people make.",
            "when": "client.count_1h >= 10",
            "outcome": "REJECT",
            "reason": "BUSY",
            "unknown": "STEPUP_NEEDED",
            "notify_client": "payment_rejected",
            "fixtures": {
                "hit": [{"client.count_1h": 10}],
                "miss": [{}, {"client.count_1h": 9}],
                "unknown": [{"client.count_1h": None}],
            },
        },
        {
            "id": "large",
            "when": "double(transaction.amount) > 10.0 * client.mean_30d",
            "score": 60,
            "reason": "AMOUNT_LARGE",
            "unknown": "hit",
            "fixtures": {"hit": [{}], "miss": [{"transaction.amount": 1000}]},
        },
    ],
}


def document(**changes: Any) -> dict[str, Any]:
    """The document, with some of its parts replaced; `None` takes one away."""
    return {name: part for name, part in (deepcopy(DOCUMENT) | changes).items() if part is not None}


def parsed(**changes: Any) -> RuleSet:
    """The rule set of a changed document."""
    return parse_rule_set(document(**changes), FEATURES)
