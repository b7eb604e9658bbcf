"""Reading the Handbook's CSV: values as they stand, absences as absences, errors that say where."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobs.history.fraud_handbook import COLUMNS, read
from jobs.history.transaction import Shop, Transaction
from shared.errors import Invalid, Malformed, NotFound
from shared.money import Money

HEADER = ",".join(COLUMNS)
GOOD = "12,2018-04-01 00:00:31,596,3156,57.16,1,2"


def _file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "transactions.csv"
    path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return path


def test_a_row_becomes_a_transaction_and_what_is_lacking_stays_absent(tmp_path: Path) -> None:
    expected = Transaction(
        id="handbook-12",
        at=datetime(2018, 4, 1, 0, 0, 31, tzinfo=UTC),
        client="customer-596",
        account="account-596",
        amount=Money(5716, "EUR"),
        channel="card_present",
        shop=Shop("terminal-3156"),
        fraud=True,
        scenario="compromised_terminal",
    )
    assert list(read(_file(tmp_path, GOOD))) == [expected]


def test_gzip_and_plain_read_the_same(tmp_path: Path) -> None:
    plain = _file(tmp_path, GOOD, GOOD)
    zipped = tmp_path / "zipped.csv.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(read(zipped)) == list(read(plain))


def test_a_folder_is_read_in_order_of_name(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(f"{HEADER}\n{GOOD}\n")
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{GOOD.replace('12,', '11,', 1)}\n")
    assert [transaction.id for transaction in read(tmp_path)] == ["handbook-11", "handbook-12"]


def test_traces_of_binary_floats_are_rounded_to_cents(tmp_path: Path) -> None:
    [transaction] = read(_file(tmp_path, GOOD.replace("57.16", "145.70000000000002")))
    assert transaction.amount == Money(14570, "EUR")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"there is no file .*april.csv"):
        list(read(tmp_path / "april.csv"))


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no .*csv"):
        list(read(tmp_path))


def test_a_wrong_column_is_named_with_its_number(tmp_path: Path) -> None:
    path = _file(tmp_path, GOOD, header=HEADER.replace("TERMINAL_ID", "SHOP"))
    with pytest.raises(Invalid, match=r"transactions.csv:1: column 4: TERMINAL_ID expected, not 'SHOP'"):
        list(read(path))


def test_a_missing_last_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="column 7: TX_FRAUD_SCENARIO expected, not 'nothing'"):
        list(read(_file(tmp_path, header=HEADER.removesuffix(",TX_FRAUD_SCENARIO"))))


def test_an_empty_file_says_what_was_expected(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.touch()
    with pytest.raises(Invalid, match="TRANSACTION_ID,TX_DATETIME"):
        list(read(path))


@pytest.mark.parametrize(
    ("bad", "column"),
    [
        (GOOD.replace("57.16", "much"), "TX_AMOUNT"),
        (GOOD.replace("57.16", "-1"), "TX_AMOUNT"),
        (GOOD.replace("57.16", "NaN"), "TX_AMOUNT"),
        (GOOD.replace("57.16", "1e40"), "TX_AMOUNT"),
        (GOOD.replace("2018-04-01 00:00:31", "yesterday"), "TX_DATETIME"),
        (GOOD.replace("596", "x"), "CUSTOMER_ID"),
        (GOOD.replace("3156", ""), "TERMINAL_ID"),
        (GOOD.replace(",1,2", ",maybe,2"), "TX_FRAUD"),
    ],
)
def test_a_bad_value_is_told_by_file_line_and_column_but_never_quoted(tmp_path: Path, bad: str, column: str) -> None:
    with pytest.raises(Invalid, match=rf"transactions.csv:3, column {column}: .* expected$"):
        list(read(_file(tmp_path, GOOD, bad)))


def test_a_short_row_is_told_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"transactions.csv:2: 7 columns expected, not 2"):
        list(read(_file(tmp_path, "1,2")))


def test_a_gzip_file_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode())[:-10])
    with pytest.raises(Malformed, match="complete gzip"):
        list(read(path))


def test_what_is_not_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(Malformed, match="CSV in UTF-8 expected"):
        list(read(path))
