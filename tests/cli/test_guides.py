import re
import shlex
from pathlib import Path

import click
import pytest

from cli.main import slacker

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
COMMAND = re.compile(r"^(?:\$ )?python -m cli (.*)$", re.MULTILINE)
SHOWN = [
    (page.name, line)
    for page in (*sorted(DOCS.rglob("guide-*.md")), *sorted(DOCS.rglob("runbooks/*.md")))
    for line in COMMAND.findall(page.read_text("utf-8"))
]


def understood(arguments: list[str]) -> str:
    """The name of the command that takes these arguments; raises click's own errors where none does."""
    # Each under its parent, as when it is run: a command keeps the help option of the first context it is parsed in.
    context = slacker.make_context(slacker.name, list(arguments))
    while isinstance(context.command, click.Group):
        command, arguments = context.command.commands[arguments[0]], arguments[1:]
        context = command.make_context(command.name, list(arguments), parent=context)
    return context.command.name or ""


@pytest.mark.parametrize(("page", "line"), SHOWN, ids=[f"{page}: {line}" for page, line in SHOWN])
def test_a_command_that_a_guide_shows_is_understood(page: str, line: str) -> None:
    arguments = shlex.split(line.partition(" > ")[0], comments=True)

    assert understood(arguments)


def test_the_guides_show_every_command_of_the_analyst() -> None:
    rules = slacker.commands["rules"]
    assert isinstance(rules, click.Group)
    in_guides = {line.split()[1] for _, line in SHOWN if line.startswith("rules ")}

    assert in_guides == rules.commands.keys() - {"list"}


def test_a_command_that_is_not_there_would_be_found() -> None:
    with pytest.raises(click.UsageError):
        understood(["rules", "approve", "cards", "1", "--nonsense"])
