"""The events of a transaction: the one that features are folded from, and the label when it turns out to be fraud."""

from datetime import timedelta

from jobs.history.transaction import CARD_CHANNELS, Transaction
from shared.events import events
from shared.events.events import Direction, Kind

CONFIRMED_AFTER = timedelta(days=7)
"""How long a bank takes, here, to learn that a transaction was fraud."""


def event(transaction: Transaction, balance_after: int | None = None) -> events.Transaction:
    """A transaction in the form that features are folded from."""
    location, shop = transaction.location, transaction.shop
    return events.Transaction(
        event_id=transaction.id,
        client=transaction.client,
        kind=_kind(transaction),
        occurred_at=transaction.at,
        amount=transaction.amount,
        direction=Direction(transaction.direction),
        account=transaction.account,
        card=transaction.card,
        device=transaction.device,
        channel=transaction.channel,
        merchant=shop.id if shop else None,
        category=shop.category if shop else None,
        country=location.country if location else None,
        latitude=location.latitude if location else None,
        longitude=location.longitude if location else None,
        payee=transaction.payee.account if transaction.payee else None,
        balance_after=balance_after,
    )


def label(transaction: Transaction) -> events.FraudLabel:
    """The label that the bank publishes when it has learnt that a transaction was fraud."""
    return events.FraudLabel(
        event_id=f"{transaction.id}.fraud",
        client=transaction.client,
        occurred_at=transaction.at + CONFIRMED_AFTER,
        labels=transaction.id,
        transaction_at=transaction.at,
        device=transaction.device,
        merchant=transaction.shop.id if transaction.shop else None,
    )


def _kind(transaction: Transaction) -> Kind:
    if transaction.channel == "atm":
        return Kind.CASH
    if transaction.channel in CARD_CHANNELS:
        return Kind.PURCHASE
    return Kind.SALARY if transaction.direction == "credit" and transaction.details == "Salary" else Kind.TRANSFER
