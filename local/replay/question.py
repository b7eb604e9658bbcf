"""The bank's question about a transaction, operation `transaction`: without what is known only later, as fraud is."""

from typing import Any

from jobs.history.transaction import CARD_CHANNELS, Transaction

OPERATION = "transaction"


def question(transaction: Transaction, attempt: int = 1) -> dict[str, Any]:
    """The body for `POST /v1/operations/transaction/advice`; attempt 2 and later name the one before."""
    at = transaction.at.isoformat().replace("+00:00", "Z")
    body: dict[str, Any] = {
        "operation_id": transaction.id,
        "posting": _present(
            phase="authorisation" if transaction.channel in CARD_CHANNELS else "transfer",
            direction=transaction.direction,
            account_id=transaction.account,
            amount={"minor": transaction.amount.minor, "currency": transaction.amount.currency},
            value_time=at,
            details=transaction.details,
        ),
        "context": _present(
            client_id=transaction.client,
            card_id=transaction.card,
            device_id=transaction.device,
            channel=transaction.channel,
            merchant=_merchant(transaction),
            place=_location(transaction),
            payee=_payee(transaction),
            occurred_at=at,
        ),
    }
    if attempt > 1:
        body |= {"attempt": attempt, "previous_attempt": attempt - 1}
    return body


def _merchant(transaction: Transaction) -> dict[str, Any] | None:
    shop = transaction.shop
    return _present(id=shop.id, name=shop.name, category=shop.category) if shop else None


def _location(transaction: Transaction) -> dict[str, Any] | None:
    location = transaction.location
    if location is None:
        return None
    return {
        "country": location.country,
        "city": location.city,
        "latitude": location.latitude,
        "longitude": location.longitude,
    }


def _payee(transaction: Transaction) -> dict[str, Any] | None:
    payee = transaction.payee
    return _present(account=payee.account, name=payee.name) if payee else None


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
