"""`dead-letters`: what could not be processed: finding it, and looking at it."""

import sys
from base64 import b64decode
from typing import Any

import click

from cli.dead_letters.edit import edit
from cli.dead_letters.filter import chosen, filtered
from cli.dead_letters.settle import discard, redrive
from cli.dead_letters.view import print_letter, time
from cli.error_output import Group
from cli.operator_client import OperatorClient, segment
from cli.output import as_json, echo, print_json, print_table, tell_unreadable
from cli.progress import progress
from cli.session import Session, acting

_PAGE = 100
_STATUSES = ("waiting", "redriven", "discarded", "any")


@click.group("dead-letters", cls=Group)
def dead_letters() -> None:
    r"""Dead letters: list, groups, show, edit, redrive, discard.

    A message that can never be processed is no longer tried: it waits here, as it came, with the reason. From what is
    wrong to what is right:

    \b
      python -m cli dead-letters groups                           what is wrong, and how often?
      python -m cli dead-letters show LETTER                      one of them: what came, what was expected
      python -m cli dead-letters redrive --type create_ticket --reason invalid --why "schema is deployed" --dry-run
      python -m cli dead-letters discard LETTER --why "a test of the bank's"

    Letters of resolve_transaction and open_review take two people: what one proposes another confirms, by giving the
    same command. Whatever you do or read here is on record under your name. docs/runbooks/ tells what to do when.
    """


@dead_letters.command("list")
@filtered
@click.option("--status", type=click.Choice(_STATUSES), default="waiting", show_default=True, help="What became of it.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.option("--after", default="", metavar="LETTER", help="Those behind this one.")
@acting
@as_json
@click.pass_obj
def list_(
    session: Session, /, status: str, limit: int, after: str, named: str | None, as_json: bool, **options: Any
) -> None:
    r"""Letters that wait for somebody, the oldest first.

    \b
      python -m cli dead-letters list --since 2h
      python -m cli dead-letters list --type notify_client --client C-4711
      python -m cli dead-letters list --status any --json | jq -r '.letters[] | [.letter, .reason] | @tsv'
    """
    client, letters, unreadable = session.operators(named), list[dict[str, Any]](), list[str]()
    with progress("looking through letters") as bar:
        while True:
            body = {"filter": chosen(options, status), "after": after, "limit": min(limit - len(letters), _PAGE)}
            page = client.post("/v1/dead-letters/search", body, safe=True)
            letters, after = [*letters, *page["letters"]], page["next"]
            unreadable += page["unreadable"]
            bar.advance(page["looked"])
            if not after or len(letters) >= limit:
                break
    if as_json:
        print_json({"letters": letters, "next": after, "unreadable": unreadable})
        return
    tell_unreadable(unreadable)
    if not letters:
        echo("no letter waits" if status == "waiting" and not chosen(options) else "no letter fits")
        return
    print_table(["letter", "type", "reason", "of", "client", "status"], [_row(letter) for letter in letters])
    if after:
        echo(f"there may be more: --after {after}")


@dead_letters.command("groups")
@filtered
@click.option("--status", type=click.Choice(_STATUSES), default="waiting", show_default=True, help="What became of it.")
@acting
@as_json
@click.pass_obj
def groups(session: Session, /, status: str, named: str | None, as_json: bool, **options: Any) -> None:
    r"""How many letters there are of each type and reason, the most frequent first: where to begin.

    \b
      python -m cli dead-letters groups
      python -m cli dead-letters groups --since 1d --type transactions
    """
    client, after, unreadable = session.operators(named), "", list[str]()
    totals: dict[tuple[str, str, str], dict[str, Any]] = {}
    with progress("looking through letters") as bar:
        while True:
            body = {"filter": chosen(options, status), "after": after}
            page = client.post("/v1/dead-letters/groups", body, safe=True)
            for group in page["groups"]:
                _add(totals, group)
            unreadable += page["unreadable"]
            bar.advance(page["looked"])
            after = page["next"]
            if not after:
                break
    ordered = sorted(totals.values(), key=lambda group: -group["count"])
    if as_json:
        print_json({"groups": ordered, "unreadable": unreadable})
        return
    tell_unreadable(unreadable)
    if ordered:
        print_table(["letters", "type", "kind", "reason", "oldest", "newest", "for example"], map(_group, ordered))
    else:
        echo("no letter fits")


@dead_letters.command("show")
@click.argument("letter")
@click.option("--reveal", is_flag=True, help="The body as it came, personal fields and all: say --why.")
@click.option("--why", "purpose", metavar="TEXT", help="Why you look, for the audit: a case number, not a name.")
@acting
@as_json
@click.pass_obj
def show(session: Session, letter: str, reveal: bool, purpose: str | None, named: str | None, as_json: bool) -> None:
    r"""Everything about one letter: where from, what is wrong with it, what came, what may be done.

    \b
      python -m cli dead-letters show 2026-03-01T12:00:00.123Z.0011223344556677
      python -m cli dead-letters show LETTER --reveal --why "case 7" > body

    Personal fields are not shown, nor what breaks its schema or is in none. --reveal writes the bytes as they came to
    standard output.
    """
    if reveal and not purpose:
        raise click.UsageError("what is personal is shown to whoever says --why")
    client = session.operators(named)
    if reveal:
        _reveal(client, letter, purpose or "", as_json)
        return
    view = client.get(f"/v1/dead-letters/{segment(letter)}", why=purpose)
    if as_json:
        print_json(view)
    else:
        print_letter(view)


dead_letters.add_command(edit)
dead_letters.add_command(redrive)
dead_letters.add_command(discard)


def _reveal(client: OperatorClient, letter: str, purpose: str, as_json: bool) -> None:
    revealed = client.post(f"/v1/dead-letters/{segment(letter)}/reveal", {"why": purpose}, safe=True)
    if as_json:
        print_json(revealed)
    else:
        _write(b64decode(revealed["body"]))


def _add(totals: dict[tuple[str, str, str], dict[str, Any]], group: dict[str, Any]) -> None:
    """Count a group of a further page to that of the pages before, which are older."""
    name = (group["type"], group["code"], group["reason"])
    before = totals.get(name)
    if before is None:
        totals[name] = group
    else:
        totals[name] = {**group, "count": before["count"] + group["count"], "oldest": before["oldest"]}


def _group(group: dict[str, Any]) -> list[Any]:
    times = [time(group["oldest"]), time(group["newest"])]
    return [group["count"], group["type"], group["code"], group["reason"], *times, group["example"]]


def _row(letter: dict[str, Any]) -> list[Any]:
    proposal = letter["proposal"]
    waits = letter["status"] == "waiting"
    status = f"{proposal['action']}? ({proposal['by']})" if waits and proposal else letter["status"]
    edited = " (edited)" if letter["edited"] else ""
    return [letter["letter"], letter["type"], letter["reason"], letter["subject"], letter["client"], status + edited]


def _write(body: bytes) -> None:
    """The very bytes for a file or a pipe; on a screen nothing in them acts."""
    if sys.stdout.isatty():
        echo(body.decode("utf-8", "backslashreplace"))
    else:
        click.echo(body, nl=False)
