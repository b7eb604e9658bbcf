"""A dead letter as people read it."""

from datetime import datetime
from typing import Any

import msgspec

from cli.output import echo, print_table
from shared.times import parse_time


def print_letter(letter: dict[str, Any]) -> None:
    """Print all fields of a letter that have a value."""
    print_table(["", ""], [(name, value) for name, value in _lines(letter) if value not in ("", None)])
    for title, content in (("would be sent", letter["content"]), ("came as", letter["came_as"])):
        if content is not None:
            echo(f"\n{title}:")
            echo(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())
    echo(f"\n{_next(letter)}")


def time(text: str) -> datetime:
    """A time as the API writes it (ISO 8601), aware UTC."""
    return parse_time(text)


def _lines(letter: dict[str, Any]) -> list[tuple[str, Any]]:
    proposal, settled = letter["proposal"], letter["settled_by"]
    attempt = f", at delivery {letter['attempt']}" if letter["attempt"] else ""
    return [
        ("letter", letter["letter"]),
        ("status", letter["status"] + (" (edited)" if letter["edited"] else "")),
        ("reason", letter["reason"]),
        ("kind", letter["code"]),
        ("field", letter["field"]),
        ("said by", f"{letter['function']}{attempt}, of {letter['subscription'] or 'an unknown subscription'}"),
        ("type", letter["type"]),
        ("of", letter["subject"]),
        ("operation", letter["operation"]),
        ("client", letter["client"]),
        ("published", time(letter["published_at"])),
        ("on record", time(letter["drained_at"])),
        ("message", f"{letter['message']}, {letter['size']} bytes, SHA-256 {letter['sha256'][:16]}…"),
        ("left out", letter["cut"] and f"{letter['cut']} bytes, too many to be kept"),
        ("attributes", ", ".join(f"{name}={value}" for name, value in letter["attributes"].items())),
        ("came back", letter["follows"] and f"after {letter['follows']} was redriven"),
        ("proposed", proposal and f"{proposal['action']} by {proposal['by']}: {proposal['why']}"),
        ("settled", settled and f"by {settled}, {time(letter['settled_at']):%Y-%m-%d %H:%M}Z: {letter['settled_why']}"),
        ("seen again by", ", ".join(letter["also_received_by"])),
        *(("still wrong", f"{problem['field'] or '/'}: {problem['message']}") for problem in letter["problems"]),
    ]


def _next(letter: dict[str, Any]) -> str:
    """The line that says which command may be used next."""
    if letter["status"] != "waiting":
        return f"it is {letter['status']}: nothing waits"
    me = f"python -m cli dead-letters {{}} {letter['letter']}"
    if letter["problems"] and letter["editable"]:
        return f"mend it: {me.format('edit')} --set payload.FIELD=VALUE --why TEXT --dry-run"
    if letter["problems"]:
        return f"it is never edited: {me.format('discard')} --why TEXT"
    two = ", which takes two people" if letter["two_people"] else ""
    return f"send it again{two}: {me.format('redrive')} --why TEXT"
