"""What the bank's books make of a transaction that went through: the events it leads to, overdrafts among them."""

from collections.abc import Iterator

from jobs.history.transaction import Transaction
from jobs.history.transaction_events import event
from shared.events import events
from shared.events.events import Event
from shared.money import Money


class Ledger:
    """The balances in minor units by client, of those whose opening balance is known."""

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
