"""What people read in a table, and scripts in JSON."""

from datetime import UTC, datetime

import pytest

from cli.output import WIDE, cell, print_json, print_table, tell_unreadable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (datetime(2026, 12, 1, 8, 30, 5, 999, tzinfo=UTC), "2026-12-01 08:30:05Z"),
        ("[bold]x", "\\[bold]x"),
    ],
)
def test_a_cell_is_written_for_people_and_holds_no_markup(value: object, expected: str) -> None:
    assert cell(value) == expected


def test_a_table_has_a_line_a_row_and_is_not_cut_off_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * (WIDE // 2)
    print_table(["name", "why"], [["a", None], ["[b]", long]])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["name  why", "a", f"[b]   {long}"]


def test_json_is_one_indented_document_that_understands_times(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"at": datetime(2026, 12, 1, tzinfo=UTC)})
    assert capsys.readouterr().out == '{\n  "at": "2026-12-01T00:00:00Z"\n}\n'


@pytest.mark.parametrize(
    ("ids", "expected"), [([], ""), (["a", "b"], "cannot be read, the document is damaged: a, b\n")]
)
def test_damaged_documents_are_told_on_standard_error(
    ids: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_unreadable(ids)
    assert (capsys.readouterr().err, capsys.readouterr().out) == (expected, "")
