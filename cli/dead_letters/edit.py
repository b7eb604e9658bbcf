"""`dead-letters edit`: another command instead of the one that came."""

from pathlib import Path
from typing import Any

import click

from cli.dead_letters.view import print_letter
from cli.json_input import read_object, typed_value
from cli.operator_client import segment
from cli.output import as_json, echo, print_json
from cli.session import Session, acting, dry_run


@click.command()
@click.argument("letter")
@click.option(
    "--set", "changes", multiple=True, metavar="FIELD=VALUE", help="A field and its new value; may be given often."
)
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A whole command, as JSON."
)
@click.option("--why", required=True, metavar="TEXT", help="For the audit: a case number, not a name.")
@acting
@dry_run
@as_json
@click.pass_obj
def edit(session: Session, /, letter: str, named: str | None, as_json: bool, dry_run: bool, **options: Any) -> None:
    r"""Have something else sent than what came, once it keeps its schema.

    \b
      python -m cli dead-letters edit LETTER --set payload.kind=fraud --why "case 7" --dry-run
      python -m cli dead-letters edit LETTER --set payload.priority=null --set payload.reasons='["BIG"]' --why "case 7"
      python -m cli dead-letters edit LETTER --file command.json --why "case 7"

    A field is a path with dots; a value is JSON, or else a text; null takes the field away. What came is kept beside
    it. Nothing is sent before somebody redrives it; what its client will read takes two for that. It stays the command
    it is: id, type, operation, client, issuer, times. A resolve_transaction is never edited: it is sent as decided.
    """
    body = {"why": options["why"], "dry_run": dry_run, **_different(options["changes"], options["file"])}
    edited = session.operators(named).post(f"/v1/dead-letters/{segment(letter)}/edit", body, safe=True)
    if as_json:
        print_json(edited)
        return
    echo("would keep its schema so; nothing is changed" if dry_run else "keeps its schema, and waits to be redriven")
    print_letter(edited)


def _different(changes: tuple[str, ...], file: Path | None) -> dict[str, Any]:
    """The part of the request that says what is to be sent."""
    if bool(changes) == (file is not None):
        raise click.UsageError("say what is different: --set FIELD=VALUE, or a whole command with --file")
    return {"command": read_object(file)} if file is not None else {"changes": patch(changes)}


def patch(changes: tuple[str, ...]) -> dict[str, Any]:
    """The JSON Merge Patch that `FIELD=VALUE` pairs stand for."""
    merge_patch: dict[str, Any] = {}
    for change in changes:
        path, equals, text = change.partition("=")
        names = path.split(".")
        if not equals or not all(names):
            raise click.UsageError(f"--set {path}: FIELD=VALUE expected, as payload.kind=fraud")
        inside = merge_patch
        for name in names[:-1]:
            deeper = inside.setdefault(name, {})
            if not isinstance(deeper, dict):
                raise click.UsageError(f"--set {path}: {name} has a value already")
            inside = deeper
        inside[names[-1]] = typed_value(path, text)
    return merge_patch
