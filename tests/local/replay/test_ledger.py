"""What the bank's books make of transactions: balances that are known, and overdrafts where one crosses zero."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from jobs.history.transaction import Transaction
from local.replay.ledger import Ledger
from shared.events import events
from shared.money import Money

AT = datetime(2026, 1, 1, tzinfo=UTC)


def moved(number: int, change: int) -> Transaction:
    """A transfer that changes the balance of `c` by so much."""
    amount, direction = Money(abs(change), "EUR"), "credit" if change > 0 else "debit"
    return Transaction(f"t-{number}", AT, "c", "a", amount, "web", "credit" if direction == "credit" else "debit")


def test_a_balance_that_is_not_known_stays_so() -> None:
    [event] = Ledger({}).book(moved(1, -100))
    assert isinstance(event, events.Transaction)
    assert event.balance_after is None


def test_an_overdraft_begins_below_zero_and_ends_at_zero() -> None:
    ledger = Ledger({"c": 50})
    booked = [event for number, change in enumerate([-50, -1, -1, 2]) for event in ledger.book(moved(number, change))]
    overdrafts = [event for event in booked if isinstance(event, events.Overdraft)]
    assert [(event.event_id, event.overdrawn, event.balance and event.balance.minor) for event in overdrafts] == [
        ("t-1.overdraft", True, -1),
        ("t-3.overdraft", False, 0),
    ]


@given(st.integers(-1000, 1000), st.lists(st.integers(-1000, 1000)))
def test_the_last_balance_is_the_first_and_all_changes(start: int, changes: list[int]) -> None:
    ledger, after = Ledger({"c": start}), start
    for number, change in enumerate(changes):
        booked = next(iter(list(ledger.book(moved(number, change)))))
        assert isinstance(booked, events.Transaction)
        after += change
        assert booked.balance_after == after
