"""Builds the reviews these tests are about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.ids import OperationRef
from shared.privacy import Pseudonymiser
from shared.risk.operation import ReviewPolicy
from shared.risk.reviews.review import ClientRef, Review, opened

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TOKENS = Pseudonymiser(b"k" * 32, 1)
HOUR = timedelta(hours=1)
POLICY = ReviewPolicy(
    72 * HOUR, "reject", {"EUR": 500_000, "JPY": 0}, {"approve": ("CONFIRMED",), "reject": ("DENIED", "FRAUD")}
)
PAYLOAD: dict[str, Any] = {
    "client_id": "C-1",
    "reasons": ["SCORE_HIGH", "NEW_DEVICE"],
    "rule_set": "transaction@2",
    "amount": {"minor": 125_050, "currency": "EUR"},
}
LARGE = {"minor": 500_001, "currency": "EUR"}


def review(policy: ReviewPolicy = POLICY, **payload: Any) -> Review:
    """An open review of a payload with members replaced; of a small amount unless told otherwise."""
    members = {name: value for name, value in {**PAYLOAD, **payload}.items() if value is not None}
    client = ClientRef(TOKENS.client(members["client_id"]), "e1.encrypted")
    operation, kept = OperationRef("transaction", "op-1", 1), timedelta(days=400)
    return opened(operation, members, policy, "transaction@1", kept, NOW, client)
