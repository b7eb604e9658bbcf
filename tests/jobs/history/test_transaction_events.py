"""The events of a transaction: of its own kind, and labelled when it is known to be fraud."""

from datetime import UTC, datetime

import pytest

from jobs.history.transaction import Channel, Direction, Payee, Place, Shop, Transaction
from jobs.history.transaction_events import CONFIRMED_AFTER, event, label
from shared.events.events import Kind
from shared.money import Money

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def transaction(
    channel: Channel = "card_present", direction: Direction = "debit", details: str | None = None
) -> Transaction:
    """A transaction that has all there is."""
    return Transaction(
        id="t-1", at=AT, client="c", account="a", amount=Money(100, "EUR"), channel=channel, direction=direction,
        device="d", shop=Shop("m", category="5411"), location=Place("DE", "Berlin", 52.5, 13.4), payee=Payee("p"),
        details=details,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (transaction("atm"), Kind.CASH),
        (transaction("card_present"), Kind.PURCHASE),
        (transaction("ecommerce"), Kind.PURCHASE),
        (transaction("web"), Kind.TRANSFER),
        (transaction("web", "credit", details="Salary"), Kind.SALARY),
        (transaction("web", "debit", details="Salary"), Kind.TRANSFER),
    ],
)
def test_the_kind_of_an_event_follows_from_channel_and_direction(made: Transaction, kind: Kind) -> None:
    assert event(made).kind == kind


def test_an_event_says_where_to_whom_and_what_was_left() -> None:
    actual = event(transaction(), balance_after=900)
    assert (actual.merchant, actual.category, actual.country, actual.latitude, actual.payee, actual.balance_after) == (
        "m", "5411", "DE", 52.5, "p", 900,
    )  # fmt: skip


def test_what_a_transaction_lacks_its_event_lacks() -> None:
    actual = event(Transaction("t-1", AT, "c", "a", Money(100, "EUR"), "branch"))
    assert {actual.merchant, actual.country, actual.payee, actual.balance_after} == {None}


def test_a_label_names_the_transaction_and_comes_when_the_bank_has_learnt_of_it() -> None:
    actual = label(transaction())
    assert (actual.event_id, actual.transaction_at, actual.occurred_at, actual.merchant) == (
        "t-1.fraud", AT, AT + CONFIRMED_AFTER, "m",
    )  # fmt: skip
