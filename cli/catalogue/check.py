"""`check`: whether a file could be published, and the position of each problem in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from cli.catalogue.document_kind import Kind
from cli.catalogue.references import against, beside, check_file_references, warn
from cli.output import as_json, echo, print_json
from shared.errors import Invalid, Problem, SlackerError


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: a summary if it is right, what is wrong with it, and what could not be told."""

    file: Path
    summary: str
    problems: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()


def add_checking(group: click.Group, kind: Kind, help_text: str) -> None:
    """Give `group` its command `check`."""

    @group.command("check", help=help_text)
    @click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
    @against
    @as_json
    @click.pass_context
    def check(context: click.Context, files: tuple[Path, ...], others: tuple[Path, ...], as_json: bool) -> None:
        results = [_checked(kind, file, others) for file in files]
        if as_json:
            print_json([_row(result) for result in results])
        for result in results:
            if as_json:
                continue
            for problem in result.problems:
                echo(f"{problem.field}: {problem.message}")
            warn(result.warnings)
            if not result.problems:
                echo(f"{result.file}: {result.summary}")
        if any(result.problems for result in results):
            context.exit(1)


def _checked(kind: Kind, file: Path, others: tuple[Path, ...]) -> Checked:
    try:
        positioned = kind.read(file)
        warnings = check_file_references(kind, positioned, beside(kind, positioned.content, others))
        return Checked(file, kind.check(positioned.content), warnings=warnings)
    except Invalid as error:
        return Checked(file, "", error.problems)
    except SlackerError as error:
        return Checked(file, "", (Problem(str(file), str(error)),))


def _row(result: Checked) -> dict[str, object]:
    parts = {"problems": result.problems, "warnings": result.warnings}
    return {
        "file": str(result.file),
        **{name: [{"place": each.field, "message": each.message} for each in part] for name, part in parts.items()},
    }
