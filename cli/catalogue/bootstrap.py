"""`bootstrap`: an empty store gets what was deployed with the code."""

import click

from cli.catalogue.document_kind import OPERATION, RULES, Kind
from cli.output import as_json, print_json, print_table
from cli.session import Session, dry_run
from shared.catalogue.bootstrap import Seeded, publish_bundled
from shared.catalogue.bundled import bundled
from shared.catalogue.catalogue import Catalogue
from shared.deadline import Deadline


@click.command()
@dry_run
@as_json
@click.pass_obj
def bootstrap(session: Session, dry_run: bool, as_json: bool) -> None:
    r"""Publish the operations and rule sets that come with the code, where nobody has published anything.

    \b
      python -m cli bootstrap --dry-run
      python -m cli bootstrap

    Done again it changes nothing, and what a person published is left alone. It asks for no second person: what is
    deployed has been reviewed as code.
    """
    rows = [row for kind in (OPERATION, RULES) for row in _published(session, kind, dry_run=dry_run)]
    if as_json:
        print_json([{"kind": kind.collection, **_row(seeded, dry_run=dry_run)} for kind, seeded in rows])
    else:
        print_table(
            ["kind", "name", "version", "done", "why"],
            [[kind.noun, *_row(seeded, dry_run=dry_run).values()] for kind, seeded in rows],
        )


def _published(session: Session, kind: Kind, *, dry_run: bool) -> list[tuple[Kind, Seeded]]:
    contents = {name: read() for name, read in bundled(kind.bundled).items()}
    for content in contents.values():
        kind.check(content)
    contents = {name: kind.complete(content) for name, content in contents.items()}

    async def publish(catalogue: Catalogue, deadline: Deadline) -> list[Seeded]:
        return await publish_bundled(catalogue, contents, now=session.now(), deadline=deadline, dry_run=dry_run)

    return [(kind, seeded) for seeded in session.in_catalogue(kind.collection, publish)]


def _row(seeded: Seeded, *, dry_run: bool) -> dict[str, str | int]:
    done = ("would be published" if dry_run else "published") if seeded.changed else "left alone"
    return {"name": seeded.name, "version": seeded.version, "done": done, "why": seeded.reason}
