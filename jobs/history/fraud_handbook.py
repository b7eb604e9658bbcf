"""Reads the Fraud Detection Handbook's transactions: a CSV, plain or gzipped, whose terminal is the merchant.

What that data does not have (card, device, place, category) stays absent. It names no currency, time zone or channel:
euro, UTC and a card at the terminal are assumed. See https://fraud-detection-handbook.github.io/fraud-detection-handbook/.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO, TypeVar, cast

from jobs.history.transaction import Shop, Transaction
from shared.errors import Invalid, Malformed, NotFound, Problem
from shared.money import Money

COLUMNS = (
    "TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD", "TX_FRAUD_SCENARIO"
)  # fmt: skip

CURRENCY = "EUR"

SCENARIOS = {"1": "amount_over_220", "2": "compromised_terminal", "3": "stolen_details"}
"""The Handbook's kinds: any amount over 220; all of a terminal's for 28 days; a third of a customer's, times five."""

_GZIP = b"\x1f\x8b"
_MAX_AMOUNT = 10**10

_T = TypeVar("_T")


def read(path: Path) -> Iterator[Transaction]:
    """The transactions of the file, or of every `*.csv` and `*.csv.gz` of the folder at `path`, in order of name.

    Raises `NotFound` for a missing file, `Malformed` or `Invalid` naming file, line, column and what was expected.
    """
    if not path.exists():
        raise NotFound(f"there is no file {path}")
    files = sorted([*path.glob("*.csv"), *path.glob("*.csv.gz")]) if path.is_dir() else [path]
    if not files:
        raise NotFound(f"there is no *.csv or *.csv.gz in {path}")
    for file in files:
        yield from _file(file)


def _file(path: Path) -> Iterator[Transaction]:
    with _opened(path) as text:
        lines = csv.reader(text, strict=True)
        try:
            _check_header(path, next(lines, []))
            for row in lines:
                yield _row(path, lines.line_num, row)
        except (UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile, zlib.error) as error:
            expected = "a complete gzip file of CSV in UTF-8" if path.suffix == ".gz" else "CSV in UTF-8"
            raise Malformed(Problem(f"{path}:{lines.line_num + 1}", f"{expected} expected")) from error


def _opened(path: Path) -> TextIO:
    with path.open("rb") as start:
        zipped = start.read(2) == _GZIP
    if zipped:
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def _check_header(path: Path, header: list[str]) -> None:
    if tuple(header) == COLUMNS:
        return
    where = f"{path}:1"
    if not header:
        raise Invalid(Problem(where, f"a first line with the columns {','.join(COLUMNS)} expected, not an empty file"))
    for number, expected in enumerate(COLUMNS):
        actual = header[number] if number < len(header) else "nothing"
        if actual != expected:
            raise Invalid(Problem(where, f"column {number + 1}: {expected} expected, not {actual[:40]!r}"))
    raise Invalid(Problem(where, f"{len(COLUMNS)} columns expected, not {len(header)}"))


def _row(path: Path, line: int, row: list[str]) -> Transaction:
    if len(row) != len(COLUMNS):
        raise Invalid(Problem(f"{path}:{line}", f"{len(COLUMNS)} columns expected, not {len(row)}"))

    def column(number: int, parse: Callable[[str], _T], expected: str) -> _T:
        try:
            return parse(row[number])
        except (ValueError, InvalidOperation):
            where = f"{path}:{line}, column {COLUMNS[number]}"
            raise Invalid(Problem(where, f"{expected} expected")) from None

    client = column(2, _number, "a whole number")
    scenario = row[6]
    return Transaction(
        id=f"handbook-{column(0, _number, 'a whole number')}",
        at=column(1, _time, "a time like 2018-04-01 00:00:31"),
        client=f"customer-{client}",
        account=f"account-{client}",
        amount=Money(column(4, _minor, "an amount like 57.16, not negative,"), CURRENCY),
        channel="card_present",
        shop=Shop(f"terminal-{column(3, _number, 'a whole number')}"),
        fraud=column(5, _flag, "0 or 1"),
        scenario=None if column(6, _number, "a whole number") == 0 else SCENARIOS.get(scenario, f"scenario_{scenario}"),
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError(text)
    return int(text)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _minor(text: str) -> int:
    amount = Decimal(text)
    if not amount.is_finite() or not 0 <= amount <= _MAX_AMOUNT:
        raise ValueError(text)
    return round(amount * 100)  # the file holds traces of binary floats: 145.70000000000002


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError(text)
    return text == "1"
