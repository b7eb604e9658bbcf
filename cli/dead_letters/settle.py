"""`dead-letters redrive` and `discard`: one, some, or all that fit a filter, after a look at what would happen."""

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click

from cli.dead_letters.filter import chosen, filtered
from cli.operator_client import OperatorClient
from cli.output import as_json, echo, print_json, print_table, tell_unreadable
from cli.progress import progress
from cli.session import Session, acting, dry_run

_PAGE = 50
_MAX_REFUSALS = 20  # refusals in a table

_yes = click.option("--yes", is_flag=True, help="Do not ask before settling what fits a filter.")
_purpose = click.option("--why", required=True, metavar="TEXT", help="For the audit: a case number, not a name.")
_everything = click.option("--all", "everything", is_flag=True, help="All that wait, whatever they are.")
_letters = click.argument("letters", nargs=-1, metavar="[LETTER]...")

Result = dict[str, Any]


@click.command()
@_letters
@filtered
@_everything
@_purpose
@click.option(
    "--per-minute", type=click.IntRange(1, 6000), default=600, show_default=True, help="How many are sent a minute."
)
@_yes
@acting
@dry_run
@as_json
@click.pass_obj
def redrive(
    session: Session, /, named: str | None, dry_run: bool, as_json: bool, per_minute: int, **options: Any
) -> None:
    r"""Send letters again: one, some, or all that fit.

    \b
      python -m cli dead-letters redrive LETTER --why "case 7"
      python -m cli dead-letters redrive --type create_ticket --since 2h --why "Jira is back" --dry-run
      python -m cli dead-letters redrive --type create_ticket --since 2h --why "Jira is back" --per-minute 120 --yes

    A command is opened again and done if it is right now; it is done once, however often it is sent. An event goes back
    to its topic: its other receivers see it again, and know it by its id. Sending begins within a minute. Letters of
    resolve_transaction and open_review are proposed, and sent when somebody else gives the same command.
    """
    settle(session.operators(named), "redrive", options, dry_run, as_json, {"per_minute": per_minute})


@click.command()
@_letters
@filtered
@_everything
@_purpose
@_yes
@acting
@dry_run
@as_json
@click.pass_obj
def discard(session: Session, /, named: str | None, dry_run: bool, as_json: bool, **options: Any) -> None:
    r"""Give letters up: nothing comes of them any more. They are kept for 90 days.

    \b
      python -m cli dead-letters discard LETTER --why "a test of the bank's"
      python -m cli dead-letters discard --reason tombstone --until 1d --why "clean-up policy is put right" --dry-run

    Letters of resolve_transaction and open_review take two people, as with redrive.
    """
    settle(session.operators(named), "discard", options, dry_run, as_json, {})


def settle(
    client: OperatorClient, action: str, options: dict[str, Any], dry_run: bool, as_json: bool, extra: dict[str, Any]
) -> None:
    """Do `action`, or say what it would do; exits with 1 where a letter was refused."""
    body = {"why": options["why"], **_which(options), **extra}
    total = len(options["letters"]) or None
    if dry_run:
        _tell(list(_results(client, action, {**body, "dry_run": True}, total)), as_json, "it would be so: ")
        return
    if "filter" in body and not options["yes"]:
        total = _ask(list(_results(client, action, {**body, "dry_run": True}, None)), action)
    results = list(_results(client, action, body, total))
    _tell(results, as_json)
    if any(result["outcome"] == "refused" for result in results):
        raise SystemExit(1)


def _which(options: dict[str, Any]) -> dict[str, Any]:
    """The letters that are named, or the filter."""
    criteria = chosen(options)
    choices = [bool(options["letters"]), bool(criteria), options["everything"]]
    if sum(choices) != 1:
        raise click.UsageError("say which: LETTER..., or a filter as --type and --since, or --all")
    return {"letters": list(dict.fromkeys(options["letters"]))} if options["letters"] else {"filter": criteria}


def _ask(foreseen: list[Result], action: str) -> int:
    """Ask whether to go on with all that fits a filter; the number of letters. Raises click's `UsageError`, `Abort`."""
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is here to ask: give --yes, or --dry-run to see what would happen")
    echo(f"it would be so: {_counted(foreseen)}", err=True)
    click.confirm(f"{action} them?", abort=True, err=True)
    return len(foreseen)


def _results(client: OperatorClient, action: str, body: dict[str, Any], total: int | None) -> Iterator[Result]:
    """The result of each letter, page by page: a page is requested when the one before has been answered."""
    named, rest = body.get("letters", []), {name: value for name, value in body.items() if name != "letters"}
    pages = [named[start : start + _PAGE] for start in range(0, len(named), _PAGE)]
    after, not_before = "", ""
    with progress(action, total) as bar:
        while True:
            page: dict[str, Any] = {"letters": pages.pop(0)} if named else {"after": after, "limit": _PAGE}
            pace = {"not_before": not_before} if not_before and action == "redrive" else {}
            reply = client.post(f"/v1/dead-letters/{action}", {**rest, **page, **pace}, safe=rest.get("dry_run", False))
            yield from reply["results"]
            tell_unreadable(reply["unreadable"])
            bar.advance(len(reply["results"]))
            after, not_before = reply["next"], reply["not_before"]
            if not (pages if named else after):
                return


def _tell(results: list[Result], as_json: bool, before: str = "") -> None:
    if as_json:
        print_json({"results": results})
        return
    refused = [result for result in results if result["outcome"] == "refused"]
    if len(results) == 1:
        echo(f"{before}{results[0]['outcome']}: {results[0]['detail']}".rstrip(": "))
        return
    echo(f"{before}{_counted(results)}")
    if refused:
        print_table(
            ["refused", "because"], [(result["letter"], result["detail"]) for result in refused[:_MAX_REFUSALS]]
        )
        more = len(refused) - _MAX_REFUSALS
        if more > 0:
            echo(f"and {more} more: --json tells all")


def _counted(results: list[Result]) -> str:
    counts = Counter(result["outcome"] for result in results)
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "no letter fits"
