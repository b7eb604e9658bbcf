"""Cuts a stream into batches whose questions can be asked at the same time without changing any answer.

A client's next question waits for what their last one led to: no client is in a batch twice, each client's order stays.
A batch spans little time, so that at each question the features hold nearly all that happened before it.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from jobs.history.transaction import Transaction

SIZE = 64
LOOK_AHEAD = 256
SPAN = timedelta(minutes=15)


def batches(
    transactions: Iterable[Transaction], size: int = SIZE, look_ahead: int = LOOK_AHEAD, span: timedelta = SPAN
) -> Iterator[list[Transaction]]:
    """Batches of at most `size` within `span`, the oldest first, taken from the next `look_ahead` that wait."""
    source = iter(transactions)
    waiting: list[Transaction] = []
    while True:
        waiting.extend(islice(source, look_ahead - len(waiting)))
        if not waiting:
            return
        until = waiting[0].at + span
        batch: list[Transaction] = []
        left: list[Transaction] = []
        clients: set[str] = set()
        for transaction in waiting:
            fits = len(batch) < size and transaction.at <= until and transaction.client not in clients
            (batch if fits else left).append(transaction)
            clients.add(transaction.client)
        yield batch
        waiting = left
