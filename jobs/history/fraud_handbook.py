"""Reads the Fraud Detection Handbook's transactions: a CSV, plain or gzipped, whose terminal is the merchant.

Columns are found by their names in the first line; others beside them, as the Handbook's TX_TIME_SECONDS, mean nothing.
What that data does not have (card, device, place, category) stays absent. It names no currency, time zone or channel:
euro, UTC and a card at the terminal are assumed. See https://fraud-detection-handbook.github.io/fraud-detection-handbook/.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TextIO, TypeVar, cast

from jobs.history.transaction import Shop, Transaction
from shared.errors import Invalid, Malformed, NotFound, Problem
from shared.events.avro.fields import EVENT_TIME
from shared.money import Money
from shared.suggestions import did_you_mean
from shared.times import in_utc, microseconds

COLUMNS = (
    "TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD", "TX_FRAUD_SCENARIO"
)  # fmt: skip

CURRENCY = "EUR"

SCENARIOS = {1: "amount_over_220", 2: "compromised_terminal", 3: "stolen_details"}
"""The Handbook's kinds: any amount over 220; all of a terminal's for 28 days; a third of a customer's, times five."""

_GZIP = b"\x1f\x8b"
_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,30})?")
_TRACE = Decimal("1e-6")  # of a cent: the files hold traces of binary floats, 145.70000000000002

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
            columns = _columns(path, next(lines, []))
            for row in lines:
                if any(map(str.strip, row)) or len(row) > 1:  # a blank line is none
                    yield _Row(f"{path}:{lines.line_num}", columns, row).transaction()
        except (UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile, zlib.error) as error:
            expected = "a complete gzip file of CSV in UTF-8" if path.suffix == ".gz" else "CSV in UTF-8"
            raise Malformed(Problem(f"{path}:{lines.line_num + 1}", f"{expected} expected")) from error


def _opened(path: Path) -> TextIO:
    with path.open("rb") as start:
        zipped = start.read(2) == _GZIP
    if zipped:
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


@dataclass(frozen=True, slots=True)
class _Columns:
    """How many columns a file has, and the number of each that is read, from 0."""

    count: int
    number: Mapping[str, int]


def _columns(path: Path, header: Sequence[str]) -> _Columns:
    where = f"{path}:1"
    if not header:
        raise Invalid(Problem(where, f"a first line with the columns {','.join(COLUMNS)} expected, not an empty file"))
    problems = []
    for name in COLUMNS:
        if header.count(name) != 1:
            message = ", not several" if name in header else did_you_mean(name, header)
            problems.append(Problem(where, f"one column {name} expected{message}"))
    if problems:
        raise Invalid(*problems)
    return _Columns(len(header), {name: header.index(name) for name in COLUMNS})


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a file, `where`, as texts."""

    where: str
    columns: _Columns
    texts: Sequence[str]

    def transaction(self) -> Transaction:
        """What it tells. Raises `Invalid` naming the column and what was expected, and never quoting what is there."""
        if len(self.texts) != self.columns.count:
            raise Invalid(Problem(self.where, f"{self.columns.count} columns expected, not {len(self.texts)}"))
        client = self._read("CUSTOMER_ID", _number)
        scenario = self._read("TX_FRAUD_SCENARIO", _number)
        return Transaction(
            id=f"handbook-{self._read('TRANSACTION_ID', _number)}",
            at=self._read("TX_DATETIME", _time),
            client=f"customer-{client}",
            account=f"account-{client}",
            amount=Money(self._read("TX_AMOUNT", _minor), CURRENCY),
            channel="card_present",
            shop=Shop(f"terminal-{self._read('TERMINAL_ID', _number)}"),
            fraud=self._read("TX_FRAUD", _flag),
            scenario=SCENARIOS.get(scenario, f"scenario_{scenario}") if scenario else None,
        )

    def _read(self, name: str, parse: Callable[[str], _T]) -> _T:
        try:
            return parse(self.texts[self.columns.number[name]])
        except ValueError as error:
            raise Invalid(Problem(f"{self.where}, column {name}", f"{error} expected")) from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError("a whole number")
    return int(text)


def _time(text: str) -> datetime:
    """A time in UTC; one with an offset is the time it is."""
    try:
        at = datetime.fromisoformat(text)
        event_time: datetime = EVENT_TIME.read(microseconds(in_utc(at.replace(tzinfo=at.tzinfo or UTC))))
    except (ValueError, Invalid):
        raise ValueError("a time like 2018-04-01 00:00:31 in the years 1980 to 2099") from None
    return event_time


def _minor(text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise ValueError("an amount like 57.16, not negative,")
    cents = Decimal(text) * 100
    if abs(cents - round(cents)) > _TRACE:
        raise ValueError("an amount with at most two decimals, like 57.16,")
    return round(cents)


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("0 or 1")
    return text == "1"
