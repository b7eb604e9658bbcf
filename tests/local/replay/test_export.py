"""Transactions as lines of a file: what is written in the Handbook's columns is read back as it was."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from jobs.history.fraud_handbook import read
from jobs.history.transaction import Shop, Transaction
from local.replay.export import EXPORTERS
from shared.money import Money

AT = datetime(2026, 1, 1, 12, 30, 5, tzinfo=UTC)
BOUGHT = Transaction("t", AT, "client-7", "a", Money(5716, "EUR"), "ecommerce", shop=Shop("shop-3", "Ada's"))
STOLEN = Transaction(
    "u", AT, "client-8", "a", Money(1, "EUR"), "ecommerce", shop=Shop("shop-4"), fraud=True, scenario="stolen_card"
)
PAID_RENT = Transaction("v", AT, "client-8", "a", Money(90000, "EUR"), "standing_order")


def test_a_line_of_json_has_everything() -> None:
    [line] = EXPORTERS["jsonl"](iter([STOLEN]))
    assert msgspec.json.decode(line, type=Transaction) == STOLEN


def test_purchases_in_the_handbooks_columns_are_read_back_and_nothing_else_is_there(tmp_path: Path) -> None:
    file = tmp_path / "transactions.csv"
    file.write_text("".join(EXPORTERS["handbook"](iter([BOUGHT, PAID_RENT, STOLEN]))), "utf-8")
    purchases = [(t.client, t.at, t.amount, t.shop and t.shop.id, t.fraud, t.scenario) for t in read(file)]
    assert purchases == [
        ("customer-7", AT, Money(5716, "EUR"), "terminal-3", False, None),
        ("customer-8", AT, Money(1, "EUR"), "terminal-4", True, "amount_over_220"),  # kinds are numbered as they come
    ]
