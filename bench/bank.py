"""The bank that served functions are asked about: its clients, with a month of transactions behind them.

It is the made-up bank of the local stack, so features, sizes of documents and questions are those of the demo.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from local.bank.bank import transactions
from local.books import Books
from local.feeder import Feeder
from local.ledger import Ledger
from local.question import question
from local.transaction import Transaction
from shared.documents import Documents
from shared.privacy import Tokens

SEED = 7
CLIENTS = 200
HISTORY = timedelta(days=30)
QUESTIONS = 500


@dataclass(frozen=True, slots=True)
class Bank:
    """`history` is what happened, `next` what is asked about."""

    history: list[Transaction]
    next: list[Transaction]

    def questions(self) -> list[dict[str, Any]]:
        """The bodies a bank service posts, at the time of the question."""
        return [question(transaction) for transaction in self.next]


def bank() -> Bank:
    """The bank, the same every time."""
    stream = transactions(SEED, CLIENTS)
    first = next(stream)
    history = [first]
    for transaction in stream:
        if transaction.at >= first.at + HISTORY:
            break
        history.append(transaction)
    return Bank(history, list(islice(stream, QUESTIONS)))


async def feed(bank: Bank, documents: Documents, tokens: Tokens) -> None:
    """Fold what happened at a bank into the features of a documents store."""
    await Books(Feeder(documents, tokens), Ledger({})).keep_history(bank.history, bank.next[-1].at)
