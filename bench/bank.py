"""The bank that served functions are asked about: its clients, with a month of transactions behind them.

It is the made-up bank of the local stack, so features, sizes of documents and questions are those of the demo.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from jobs.history.transaction import Transaction
from local.bank.bank import transactions
from local.replay.bookkeeping import Bookkeeping
from local.replay.ledger import Ledger
from local.replay.question import question
from shared.deadline import Deadline
from shared.events.events import Event
from shared.privacy import Pseudonymiser
from shared.risk.features import watermark
from shared.risk.features.fold import fold
from shared.risk.features.keys import WATERMARK
from shared.storage.documents import MAX_WRITES, Create, Documents

SEED = 7
CLIENTS = 200
HISTORY = timedelta(days=30)
QUESTIONS = 500

_WITHIN = 30.0  # seconds for one commit


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


async def feed(bank: Bank, documents: Documents, tokens: Pseudonymiser) -> None:
    """Fold what happened at a bank into the features of an empty documents store."""
    happened = _Happened([])
    up_to = bank.next[-1].at
    await Bookkeeping(happened, Ledger({})).book_history(bank.history, up_to)
    states = fold({}, happened.events, tokens).states | {WATERMARK: watermark.CODEC.encode(up_to)}
    writes = iter([Create(key, state) for key, state in states.items()])
    while batch := list(islice(writes, MAX_WRITES)):
        await documents.commit(batch, Deadline.after(_WITHIN))


@dataclass(frozen=True, slots=True)
class _Happened:
    """Remembers the events it is fed."""

    events: list[Event]

    async def feed(self, events: Sequence[Event], up_to: datetime) -> None:  # noqa: ARG002 - all at the end
        self.events.extend(events)
