"""Events: their order, and the reversal of one."""

from datetime import UTC, datetime, timedelta

from shared.events.events import Direction, Kind, Transaction, order, reversal
from shared.money import Money

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PURCHASE = Transaction(
    event_id="e1", client="c", kind=Kind.PURCHASE, occurred_at=AT, amount=Money(1234, "EUR"), merchant="m", card="k"
)


def test_events_are_ordered_by_time_and_then_by_id() -> None:
    """Two events of the same instant keep one order everywhere."""
    later = Transaction(event_id="e0", client="c", kind=Kind.FEE, occurred_at=AT + timedelta(microseconds=1))
    same = Transaction(event_id="e0", client="c", kind=Kind.FEE, occurred_at=AT)
    assert sorted([later, PURCHASE, same], key=order) == [same, PURCHASE, later]


def test_a_reversal_repeats_what_it_takes_back() -> None:
    """So that whoever counts the merchant needs no look at the original."""
    taken_back = reversal(PURCHASE, "r1", AT + timedelta(days=1))
    assert (taken_back.kind, taken_back.reverses, taken_back.reverses_at) == (Kind.REVERSAL, "e1", AT)
    assert (taken_back.amount, taken_back.merchant, taken_back.card) == (Money(1234, "EUR"), "m", "k")
    assert taken_back.direction is Direction.CREDIT
