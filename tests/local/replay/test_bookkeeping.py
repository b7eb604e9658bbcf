"""What went through becomes events: balances, overdrafts, labels a week later."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.history.transaction import Transaction
from jobs.history.transaction_events import CONFIRMED_AFTER, event
from local.replay.bookkeeping import Bookkeeping
from local.replay.ledger import Ledger
from shared.events.events import Event, FraudLabel, Kind, Overdraft
from shared.events.events import Transaction as Happened
from shared.money import Money

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


def _paid(minor: int, **other: Any) -> Transaction:
    return replace(Transaction("1", AT, "anna", "a", Money(minor, "EUR"), "card_present", card="c"), **other)


def test_a_debit_lowers_the_balance_and_a_credit_raises_it() -> None:
    ledger = Ledger({"anna": 1000})
    [paid] = ledger.book(_paid(300))
    [received] = ledger.book(_paid(500, direction="credit"))
    assert [event.balance_after for event in (paid, received) if isinstance(event, Happened)] == [700, 1200]


def test_an_unknown_balance_stays_unknown() -> None:
    [paid] = Ledger({}).book(_paid(300))
    assert isinstance(paid, Happened)
    assert paid.balance_after is None


def test_going_below_zero_and_back_is_told() -> None:
    ledger = Ledger({"anna": 100})
    events = [*ledger.book(_paid(300)), *ledger.book(_paid(50)), *ledger.book(_paid(900, direction="credit"))]
    assert [event.overdrawn for event in events if isinstance(event, Overdraft)] == [True, False]


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


class _Recorder:
    def __init__(self) -> None:
        self.fed: list[Event] = []

    async def feed(self, events: Sequence[Event], up_to: datetime) -> None:
        self.fed.extend(events)


async def test_a_fraud_is_labelled_a_week_later_and_not_before() -> None:
    recorder = _Recorder()
    bookkeeping = Bookkeeping(recorder, Ledger({}))
    await bookkeeping.book([_paid(1, fraud=True)], AT)
    await bookkeeping.book([], AT + CONFIRMED_AFTER - timedelta(seconds=1))
    assert not [event for event in recorder.fed if isinstance(event, FraudLabel)]
    await bookkeeping.book([], AT + CONFIRMED_AFTER)
    assert [event.labels for event in recorder.fed if isinstance(event, FraudLabel)] == ["1"]


async def test_the_past_goes_its_own_way_in_large_pieces() -> None:
    live, past = _Recorder(), _Recorder()
    bookkeeping = Bookkeeping(live, Ledger({}), past)
    await bookkeeping.book_history([_paid(1), _paid(2)], AT)
    await bookkeeping.book([_paid(3)], AT)
    assert (len(past.fed), len(live.fed), bookkeeping.booked) == (2, 1, 3)
