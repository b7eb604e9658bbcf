"""What the bank's books make of a transaction that went through: the events it leads to, overdrafts among them."""

from collections.abc import Iterator
from datetime import timedelta

from local.question import CARD_CHANNELS
from local.transaction import Transaction
from shared import events
from shared.events import Direction, Event, Kind
from shared.money import Money

CONFIRMED_AFTER = timedelta(days=7)
"""How long a bank takes, here, to learn that a transaction was fraud."""


class Ledger:
    """The balances of those accounts whose start is known, in minor units by client."""

    def __init__(self, balances: dict[str, int]) -> None:
        self._balances = balances

    def book(self, transaction: Transaction) -> Iterator[Event]:
        """The events of a transaction that goes through now; call it in order of time for each client."""
        minor, credit = transaction.amount.minor, transaction.direction == "credit"
        before = self._balances.get(transaction.client)
        after = None if before is None else before + (minor if credit else -minor)
        yield event(transaction, after)
        if before is None or after is None:
            return
        self._balances[transaction.client] = after
        if (before < 0) != (after < 0):
            yield events.Overdraft(
                event_id=f"{transaction.id}.overdraft",
                client=transaction.client,
                occurred_at=transaction.at,
                overdrawn=after < 0,
                account=transaction.account,
                balance=Money(after, transaction.amount.currency),
            )


def event(transaction: Transaction, balance_after: int | None = None) -> events.Transaction:
    """A transaction in the form that features are folded from."""
    place, shop = transaction.place, transaction.shop
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
        country=place.country if place else None,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        payee=transaction.payee.account if transaction.payee else None,
        balance_after=balance_after,
    )


def label(transaction: Transaction) -> events.FraudLabel:
    """What the bank tells when it has learnt that a transaction was fraud."""
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
