"""What is replayed of a file is read before anything runs, and no more than that."""

from pathlib import Path

import pytest

from jobs.history.fraud_handbook import COLUMNS
from local.replay.source import from_file
from shared.errors import Invalid


def written(folder: Path, *days: str) -> Path:
    """A file with a transaction on each day; one without an amount where the day is marked with `!`."""
    path = folder / "transactions.csv"
    rows = [
        f"{number},{day.strip('!')} 12:00:00,1,2,{'' if day.endswith('!') else '57.16'},0,0"
        for number, day in enumerate(days)
    ]
    path.write_text("\n".join([",".join(COLUMNS), *rows, ""]))
    return path


def test_all_of_a_file_is_replayed_where_there_is_no_limit(tmp_path: Path) -> None:
    path = written(tmp_path, "2018-04-01", "2018-04-02")
    assert [transaction.id for transaction in from_file(path, None).transactions] == ["handbook-0", "handbook-1"]
    assert list(from_file(written(tmp_path), None).transactions) == []


@pytest.mark.parametrize(("limit", "history"), [(None, 0), (3, 0), (1, 1), (1, 10**12)])
def test_a_wrong_line_that_would_be_replayed_raises_before_anything_is(
    tmp_path: Path, limit: int | None, history: int
) -> None:
    path = written(tmp_path, "2018-04-01", "2018-04-01", "2018-04-02!", "2018-04-03")
    with pytest.raises(Invalid, match=r"transactions.csv:4, column TX_AMOUNT: an amount like 57.16"):
        from_file(path, limit, history)


@pytest.mark.parametrize(("limit", "history"), [(2, 0), (1, 1)])
def test_a_line_behind_what_is_replayed_is_not_looked_at(tmp_path: Path, limit: int, history: int) -> None:
    path = written(tmp_path, "2018-04-01", "2018-04-02", "2018-04-03!")
    transactions = from_file(path, limit, history).transactions
    assert [next(transactions).id, next(transactions).id] == ["handbook-0", "handbook-1"]
