"""`check`: whether a file could be published, and the position of each problem in it."""

from pathlib import Path

import click

from cli.catalogue.document_kind import Kind
from cli.output import as_json, print_json
from shared.errors import Invalid, SlackerError


def add_checking(group: click.Group, kind: Kind, help_text: str) -> None:
    """Give `group` its command `check`."""

    @group.command("check", help=help_text)
    @click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
    @as_json
    @click.pass_context
    def check(context: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
        results = [_checked(kind, file) for file in files]
        if as_json:
            print_json([{"file": file, "problems": problems} for file, _, problems in results])
        for file, good, problems in results:
            if as_json:
                continue
            for problem in problems:
                click.echo(f"{problem['place']}: {problem['message']}")
            if not problems:
                click.echo(f"{file}: {good}")
        if any(problems for _, _, problems in results):
            context.exit(1)


def _checked(kind: Kind, file: Path) -> tuple[str, str, list[dict[str, str]]]:
    """The file, what it holds if it is right, and else what is wrong with it."""
    try:
        return str(file), kind.check(kind.read(file).content), []
    except Invalid as error:
        return str(file), "", [{"place": problem.field, "message": problem.message} for problem in error.problems]
    except SlackerError as error:
        return str(file), "", [{"place": str(file), "message": str(error)}]
