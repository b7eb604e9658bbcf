"""What people read in a table, and scripts in JSON."""

import ast
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.output import WIDE, cell, print_json, print_table, tell_unreadable, visible

ROOT = Path(__file__).resolve().parents[2]
CONTROLS = [chr(n) for n in (*range(32), 0x7F, *range(0x80, 0xA0), 0x200E, 0x2066, 0xFEFF, 0xD800)]


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


HOSTILE = "a\x1b[2Jb\x9bc\u202ed\u200be\rf\u2028g\x07h\x00i\U000e0041j"


@pytest.mark.parametrize("character", CONTROLS, ids=ascii)
def test_what_a_terminal_acts_on_is_escaped(character: str) -> None:
    seen = visible(f"a{character}b")
    assert (seen == f"a{character}b") is (character in "\n\t")
    assert seen.replace("\n", "").replace("\t", "").isprintable()


def test_a_text_of_any_script_stays_as_it_is() -> None:
    assert visible("Žluťoučký кінь, שלום, 日本語 🙂\n") == "Žluťoučký кінь, שלום, 日本語 🙂\n"


def test_a_reason_cannot_hide_the_rows_of_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["number", "why"], [(1, f"ok{HOSTILE}\n2 nothing"), (2, "stolen")])
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines), all(line.isprintable() for line in lines), lines[2].split()) == (3, True, ["2", "stolen"])


def test_json_says_the_same_and_acts_on_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"why": HOSTILE})
    printed = capsys.readouterr().out
    assert (json.loads(printed), printed.replace("\n", "").isprintable()) == ({"why": HOSTILE}, True)


def test_commands_print_by_one_door() -> None:
    """Else what others have written, a reason or an attribute, could act on the screen of whoever looks."""
    others = [
        f"{path}:{node.lineno}"
        for path in sorted((ROOT / "cli").rglob("*.py"))
        if path.name != "output.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"click.echo", "click.secho", "print"}
        and not (path.name == "show.py" and ast.unparse(node) == "click.echo(body, nl=False)")  # the bytes, to a file
    ]
    assert others == []
