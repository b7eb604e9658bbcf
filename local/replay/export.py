"""Transactions as lines of a file: everything as JSON, or the Handbook's columns as CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping

import msgspec

from jobs.history.fraud_handbook import COLUMNS
from jobs.history.transaction import Transaction


def _jsonl(transactions: Iterator[Transaction]) -> Iterator[str]:
    encode = msgspec.json.Encoder().encode
    for transaction in transactions:
        yield encode(transaction).decode() + "\n"


def _handbook(transactions: Iterator[Transaction]) -> Iterator[str]:
    """Purchases in the Handbook's columns: its customers, terminals and scenarios are numbers."""
    yield ",".join(COLUMNS) + "\n"
    kinds: dict[str, int] = {}
    for number, purchase in enumerate(transaction for transaction in transactions if transaction.shop is not None):
        line = io.StringIO()
        kind = kinds.setdefault(purchase.scenario, len(kinds) + 1) if purchase.scenario else 0
        shop = purchase.shop.id.rpartition("-")[2] if purchase.shop else ""
        row = [number, f"{purchase.at:%Y-%m-%d %H:%M:%S}", int(purchase.client.rpartition("-")[2]), int(shop)]
        csv.writer(line, lineterminator="\n").writerow(
            [*row, f"{purchase.amount.minor / 100:.2f}", int(purchase.fraud), kind]
        )
        yield line.getvalue()


EXPORTERS: Mapping[str, Callable[[Iterator[Transaction]], Iterator[str]]] = {"jsonl": _jsonl, "handbook": _handbook}
"""By the name of the format."""
