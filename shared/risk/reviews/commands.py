"""The commands that a review leads to: a ticket when it is opened, the transaction's resolution when it is decided.

Their ids derive from the review's, so that however often they are issued each is one command.
"""

from datetime import datetime
from typing import Any

from shared.commands.command import Command, validated
from shared.commands.types import topic_for
from shared.money import minor_digits
from shared.risk.reviews.review import Review
from shared.trace import Trace


def ticket(review: Review, issued_by: str, trace: Trace | None) -> Command:
    """Somebody has to look at it."""
    two = "two people" if review.approvals_needed > 1 else "one person"
    details = [
        _detail("Opened", _when(review.opened_at)),
        _detail("Expires", f"{_when(review.expires_at)} as {review.expires_as}"),
        _detail("An approval takes", two),
    ]
    if review.amount is not None:
        digits = minor_digits(review.amount.currency)
        major = f"{review.amount.minor // 10**digits}"
        rest = f".{review.amount.minor % 10**digits:0{digits}}" if digits else ""
        details.insert(0, _detail("Amount", f"{major}{rest} {review.amount.currency}"))
    payload: dict[str, Any] = {
        "kind": "review",
        "summary": f"Review {review.operation.name} {review.operation.id}",
        "priority": "high" if review.approvals_needed > 1 else "normal",
        "client_id": review.client,
        "review": review.id,
        "reasons": list(review.opened_for),
        "details": details,
    }
    return _command(review, "open", "create_ticket", payload, review.opened_at, issued_by, trace)


def resolution(review: Review, issued_by: str, trace: Trace | None) -> Command:
    """What the bank is told; the review must be decided."""
    decision = review.decision
    if decision is None:
        raise ValueError("a review that is open leads to no resolution")
    payload = {
        "transaction_id": review.operation.id,
        "review": review.id,
        "decision": decision.verdict,
        "reviewer": decision.by,
        "reason": decision.reason,
    }
    return _command(review, "done", "resolve_transaction", payload, decision.at, issued_by, trace)


def _command(
    review: Review, end: str, kind: str, payload: dict[str, Any], at: datetime, by: str, trace: Trace | None
) -> Command:
    command = Command(
        id=f"{review.id}:{end}",
        type=kind,
        version=1,
        issued_at=at,
        issued_by=by,
        not_after=at + topic_for(kind).lifetime,
        payload=payload,
        operation=review.operation,
        traceparent=trace.traceparent() if trace else "",
    )
    return validated(command)


def _detail(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
