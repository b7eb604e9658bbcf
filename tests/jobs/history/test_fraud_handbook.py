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


def test_columns_are_found_by_name_and_others_mean_nothing(tmp_path: Path) -> None:
    """The Handbook's own files have nine columns, and pandas puts its index before them."""
    path = tmp_path / "nine.csv"
    path.write_text(
        ",TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD,"
        "TX_FRAUD_SCENARIO\n0,12,2018-04-01 00:00:31,596,3156,57.16,31,0,1,2\n"
    )
    assert list(read(path)) == list(read(_file(tmp_path, GOOD)))


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (HEADER.replace("TERMINAL_ID", "TERMINAL"), "one column TERMINAL_ID expected; did you mean 'TERMINAL'?"),
        (HEADER.replace("TX_AMOUNT", "HOW_MUCH"), "one column TX_AMOUNT expected"),
        (HEADER.removesuffix(",TX_FRAUD_SCENARIO"), "one column TX_FRAUD_SCENARIO expected; did you mean 'TX_FRAUD'?"),
        (f"{HEADER},TX_AMOUNT", "one column TX_AMOUNT expected, not several"),
    ],
)
def test_a_column_that_is_not_there_once_is_named(tmp_path: Path, header: str, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        list(read(_file(tmp_path, GOOD, header=header)))
    assert [str(each) for each in refused.value.problems] == [f"{tmp_path}/transactions.csv:1: {problem}"]


@pytest.mark.parametrize("blank", ["", "  ", "\n\n"])
def test_a_blank_line_is_none(tmp_path: Path, blank: str) -> None:
    assert list(read(_file(tmp_path, GOOD, blank))) == list(read(_file(tmp_path, GOOD)))


@pytest.mark.parametrize("text", ["2018-04-01 02:00:31+02:00", "2018-03-31T23:00:31-01:00", "2018-04-01 00:00:31Z"])
def test_a_time_with_an_offset_is_the_time_it_is(tmp_path: Path, text: str) -> None:
    [transaction] = read(_file(tmp_path, GOOD.replace("2018-04-01 00:00:31", text)))
    assert (transaction.at, transaction.at.tzinfo) == (datetime(2018, 4, 1, 0, 0, 31, tzinfo=UTC), UTC)


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
        (GOOD.replace("57.16", "1_234.50"), "TX_AMOUNT"),
        (GOOD.replace("57.16", "57.165"), "TX_AMOUNT"),
        (GOOD.replace("57.16", "57.1600001"), "TX_AMOUNT"),
        (GOOD.replace("57.16", "٥٧.١٦"), "TX_AMOUNT"),  # noqa: RUF001 - Arabic digits
        (GOOD.replace("57.16", ""), "TX_AMOUNT"),
        (GOOD.replace("2018", "0001"), "TX_DATETIME"),
        (GOOD.replace("2018", "9999"), "TX_DATETIME"),
        (GOOD.replace("2018-04-01 00:00:31", "9999-12-31 23:59:59-14:00"), "TX_DATETIME"),
        (GOOD.replace("596", "٥٩٦"), "CUSTOMER_ID"),
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
