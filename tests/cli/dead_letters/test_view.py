"""What may be done with a dead letter now, and all about it that is not empty."""

from typing import Any

import pytest

from cli.dead_letters.view import print_letter

LETTER: dict[str, Any] = {
    "letter": "L-1", "status": "waiting", "edited": False, "reason": "/type: expected", "code": "invalid",
    "field": "/type",
    "function": "command_dispatch", "attempt": 5, "subscription": "commands.command_dispatch", "type": "create_ticket",
    "subject": "c-1", "operation": "", "client": "", "published_at": "2026-12-01T08:30:00Z",
    "drained_at": "2026-12-01T08:31:00Z", "message": "m-1", "size": 12, "sha256": "0" * 64, "cut": 0, "attributes": {},
    "follows": "", "proposal": None, "settled_by": "", "settled_at": None, "settled_why": "", "also_received_by": [],
    "problems": [], "editable": True, "two_people": False, "content": None, "came_as": None,
}  # fmt: skip
PROBLEM = {"field": "/type", "message": "expected"}


def printed(capsys: pytest.CaptureFixture[str], **changes: Any) -> list[str]:
    """The lines that are printed of a letter."""
    print_letter({**LETTER, **changes})
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, "send it again: python -m cli dead-letters redrive L-1 --why TEXT"),
        (
            {"two_people": True},
            "send it again, which takes two people: python -m cli dead-letters redrive L-1 --why TEXT",
        ),
        ({"problems": [PROBLEM]}, "mend it: python -m cli dead-letters edit L-1 --set payload.FIELD=VALUE"),
        ({"problems": [PROBLEM], "editable": False}, "it is never edited: python -m cli dead-letters discard L-1"),
        ({"status": "redriven"}, "it is redriven: nothing waits"),
    ],
)
def test_the_last_line_says_what_may_be_done(
    changes: dict[str, Any], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, **changes)[-1].startswith(what)


def test_what_is_empty_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    names = {line.split("  ")[0] for line in printed(capsys)}
    assert ("client" in names, "settled" in names, "reason" in names) == (False, False, True)


def test_what_would_be_sent_is_shown_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, content={"a": 1})
    assert lines[lines.index("would be sent:") :][:4] == ["would be sent:", "{", '  "a": 1', "}"]
