"""What went through becomes events and features: balances, overdrafts, labels a week later, the watermark."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from local.bank.bank import transactions
from local.books import Books
from local.feeder import Feeder
from local.ledger import CONFIRMED_AFTER, Ledger, event
from local.transaction import Transaction
from shared.deadline import Deadline
from shared.documents import Key
from shared.embedded.memory_documents import MemoryDocuments
from shared.events import Event, FraudLabel, Kind, Overdraft
from shared.events import Transaction as Happened
from shared.features import watermark
from shared.features.fold import fold, touched
from shared.features.keys import CLIENTS, DEVICES, MERCHANTS, WATERMARK
from shared.money import Money
from shared.privacy import Tokens

TOKENS = Tokens(bytes(32), 1)
AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


def _paid(minor: int, **other: Any) -> Transaction:
    return replace(Transaction("1", AT, "anna", "a", Money(minor, "EUR"), "card_present", card="c"), **other)


def test_a_debit_lowers_the_balance_and_a_credit_raises_it() -> None:
    ledger = Ledger({"anna": 1000})
    [paid] = ledger.book(_paid(300))
    [received] = ledger.book(_paid(500, direction="credit"))
    assert [one.balance_after for one in (paid, received) if isinstance(one, Happened)] == [700, 1200]


def test_an_unknown_balance_stays_unknown() -> None:
    [paid] = Ledger({}).book(_paid(300))
    assert isinstance(paid, Happened)
    assert paid.balance_after is None


def test_going_below_zero_and_back_is_told() -> None:
    ledger = Ledger({"anna": 100})
    told = [*ledger.book(_paid(300)), *ledger.book(_paid(50)), *ledger.book(_paid(900, direction="credit"))]
    assert [one.overdrawn for one in told if isinstance(one, Overdraft)] == [True, False]


@pytest.mark.parametrize(
    ("transaction", "kind"),
    [
        (_paid(1), Kind.PURCHASE),
        (_paid(1, channel="atm"), Kind.CASH),
        (_paid(1, channel="mobile_app", card=None), Kind.TRANSFER),
        (_paid(1, channel="standing_order", card=None, direction="credit", details="Salary"), Kind.SALARY),
    ],
)
def test_kinds_of_events(transaction: Transaction, kind: Kind) -> None:
    assert event(transaction).kind == kind


class _Recorder(Feeder):
    def __init__(self) -> None:
        self.fed: list[Event] = []

    async def feed(self, events: Sequence[Event], up_to: datetime | None = None) -> None:
        self.fed.extend(events)


async def test_a_fraud_is_labelled_a_week_later_and_not_before() -> None:
    recorder = _Recorder()
    books = Books(recorder, Ledger({}))
    await books.book([_paid(1, fraud=True)], AT)
    await books.book([], AT + CONFIRMED_AFTER - timedelta(seconds=1))
    assert not [one for one in recorder.fed if isinstance(one, FraudLabel)]
    await books.book([], AT + CONFIRMED_AFTER)
    assert [one.labels for one in recorder.fed if isinstance(one, FraudLabel)] == ["1"]


async def test_fed_in_pieces_the_features_are_those_of_one_fold_and_the_watermark_is_told() -> None:
    documents = MemoryDocuments()
    feeder = Feeder(documents, TOKENS)
    events = [event(one) for one in islice(transactions(5, 40), 1500)]
    for start in range(0, len(events), 100):
        piece = events[start : start + 100]
        await feeder.feed(piece, piece[-1].occurred_at)
    keys = list(dict.fromkeys(key for one in events for key in touched(one, TOKENS)))
    expected = fold(dict.fromkeys(keys), events, TOKENS).states
    deadline = Deadline.after(5)
    actual: dict[Key, bytes] = {}
    for collection in (CLIENTS, DEVICES, MERCHANTS):
        found = await documents.scan(collection, deadline, limit=10_000)
        actual |= {document.key: document.state for document in found}
    [mark] = await documents.read([WATERMARK], deadline)
    assert actual == expected
    assert mark is not None
    assert watermark.decode(mark.state) == events[-1].occurred_at
    assert feeder.folded == len(events)
