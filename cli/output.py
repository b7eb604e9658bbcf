"""What commands print: tables for people, one JSON document for scripts."""

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click
import msgspec
import rich.markup
from rich.console import Console
from rich.table import Table

WIDE = 200
"""Columns where nobody looks at a screen: nothing is cut off in a file or a pipe."""

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def console() -> Console:
    """Standard output as it is now, as wide as its terminal."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    return Console(file=sys.stdout, width=width, highlight=False)


def visible(text: str) -> str:
    """A text with every character that a terminal acts on, or that shows nothing, escaped as in Python: control and
    format characters, bidirectional and zero-width ones among them. Ends of lines and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    return character.encode("unicode_escape").decode()


def echo(text: object = "", *, err: bool = False, file: Any = None, nl: bool = True) -> None:
    """Print a text, on standard error with `err`; what others have written moves no cursor and hides nothing."""
    click.echo(visible(str(text)), err=err, file=file, nl=nl)


def escape(text: str) -> str:
    """A text for rich, which it prints as it is: no markup, and visible."""
    return rich.markup.escape(visible(text))


def print_json(value: Any) -> None:
    """One indented JSON document, whose strings hold no character that a terminal acts on; values and times are
    understood.
    """
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    click.echo("\n".join(line if line.isprintable() else _escaped_json(line) for line in text.split("\n")))


def _escaped_json(text: str) -> str:
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """One row a line; an empty cell for `None`."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    console().print(table)


def tell_unreadable(ids: Sequence[str]) -> None:
    """Say on standard error which documents are damaged, where any is: a list goes on without them."""
    if ids:
        echo(f"cannot be read, the document is damaged: {', '.join(ids)}", err=True)


def cell(value: Any) -> str:
    """A value as people read it in a table, in one line; `[` is no markup."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}Z"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(str(value)).replace("\n", "\\n").replace("[", "\\[")
