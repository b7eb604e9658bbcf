"""Transactions as lines of a file: everything as JSON, or the Handbook's columns as CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping

import msgspec

from jobs.history.fraud_handbook import COLUMNS
from jobs.history.transaction import Transaction


def _jsonl(transactions: Iterator[Transaction]) -> Iterator[str]:
    encode = msgspec.json.Encoder().encode
    for one in transactions:
        yield encode(one).decode() + "\n"


def _handbook(transactions: Iterator[Transaction]) -> Iterator[str]:
    """Purchases in the Handbook's columns: its customers, terminals and scenarios are numbers."""
    yield ",".join(COLUMNS) + "\n"
    kinds: dict[str, int] = {}
    for number, one in enumerate(each for each in transactions if each.shop is not None):
        line = io.StringIO()
        kind = kinds.setdefault(one.scenario, len(kinds) + 1) if one.scenario else 0
        shop = one.shop.id.rpartition("-")[2] if one.shop else ""
        row = [number, f"{one.at:%Y-%m-%d %H:%M:%S}", int(one.client.rpartition("-")[2]), int(shop)]
        csv.writer(line, lineterminator="\n").writerow([*row, f"{one.amount.minor / 100:.2f}", int(one.fraud), kind])
        yield line.getvalue()


LINES: Mapping[str, Callable[[Iterator[Transaction]], Iterator[str]]] = {"jsonl": _jsonl, "handbook": _handbook}
"""By the name of the format."""
