"""The bank's bookkeeping: it books the transactions that went through, and reports a fraud once it is confirmed."""

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from jobs.history.transaction import Transaction
from jobs.history.transaction_events import label
from local.replay.ledger import Ledger
from shared.events.events import Event, FraudLabel, order

_AT_ONCE = 20_000


class Feed(Protocol):
    """Takes the bank's events."""

    async def feed(self, events: Sequence[Event], up_to: datetime) -> None:
        """Take `events`, in order of time; with them all events up to `up_to` have been fed."""
        ...


class Bookkeeping:
    """Books transactions in order and feeds the events they lead to; a fraud's label follows when it is confirmed.

    The events of the past go to `past`, the others to `live`.
    """

    def __init__(self, live: Feed, ledger: Ledger, past: Feed | None = None) -> None:
        self._live = live
        self._past = past or live
        self._ledger = ledger
        self._confirmed: list[tuple[datetime, str, FraudLabel]] = []
        self.booked = 0

    async def book(self, transactions: Iterable[Transaction], up_to: datetime) -> None:
        """Book transactions that went through, and feed all events up to `up_to`, labels that are due included."""
        await self._book(transactions, up_to, self._live)

    async def book_history(self, transactions: Iterable[Transaction], up_to: datetime) -> None:
        """Book past transactions that no question is asked about, in batches of 20,000."""
        piece: list[Transaction] = []
        for transaction in transactions:
            piece.append(transaction)
            if len(piece) == _AT_ONCE:
                await self._book(piece, piece[-1].at, self._past)
                piece = []
        await self._book(piece, up_to, self._past)

    async def _book(self, transactions: Iterable[Transaction], up_to: datetime, feed: Feed) -> None:
        events: list[Event] = []
        for transaction in transactions:
            self.booked += 1
            events.extend(self._ledger.book(transaction))
            if transaction.fraud:
                fraud_label = label(transaction)
                heapq.heappush(self._confirmed, (fraud_label.occurred_at, fraud_label.event_id, fraud_label))
        while self._confirmed and self._confirmed[0][0] <= up_to:
            events.append(heapq.heappop(self._confirmed)[2])
        events.sort(key=order)
        await feed.feed(events, up_to)
