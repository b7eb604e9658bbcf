"""What a rule set or an operation says of the other, held against it where both are known.

A rule set reads fields of its operation's question; an operation is decided by the rule set of its name. Each is
published on its own, in any order: what is not known yet is a warning, what contradicts is an error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cli.catalogue.document_kind import OPERATION, RULES, Kind
from cli.catalogue.file_positions import placed, placed_problems
from cli.output import echo
from cli.session import Session
from shared.catalogue.bundled import bundled
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import BUNDLED, label
from shared.catalogue.yaml_files import Positioned
from shared.deadline import Deadline
from shared.errors import Invalid, Problem
from shared.risk.features.schema import features
from shared.risk.operation import parse_operation
from shared.risk.operation_references import reference_problems as of_operation
from shared.risk.rules.references import reference_problems as of_rule_set
from shared.risk.rules.rule_set import parse_rule_set
from shared.suggestions import did_you_mean

RISK_FUNCTIONS = ("risk_decision",)
"""The risk functions that come with the code; a bank may deploy others."""

against = click.option(
    "--against",
    "others",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Hold it against the operation, or the rule set, in this file instead of the one that comes with the code.",
)

_OTHER = {RULES.command: OPERATION, OPERATION.command: RULES}


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something of the other kind, and how people know it: `transaction@3`, or the name of a file."""

    label: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Others:
    """What is known of the other kind: the names there are, and what is referred to, if it is among them."""

    names: frozenset[str]
    referred: Artefact | None


def beside(kind: Kind, content: Mapping[str, Any], files: Iterable[Path] = ()) -> Others:
    """What comes with the code, and what `files` hold; raises what `Kind.read` does."""
    other = _OTHER[kind.command]
    read = {content["name"]: Artefact(str(file), content) for file in files for content in [other.read(file).content]}
    shipped, name = bundled(other.bundled), _referred(kind, content)
    if name not in read and name in shipped:
        read[name] = Artefact(label(name, BUNDLED), shipped[name]())
    return Others(frozenset((*read, *shipped)), read.get(name))


def in_store(session: Session, kind: Kind, content: Mapping[str, Any]) -> Others:
    """What is in force, or else proposed, in the store, and what comes with the code where nothing is."""
    shipped, name = beside(kind, content), _referred(kind, content)

    async def look(catalogue: Catalogue, deadline: Deadline) -> Others:
        names = shipped.names | frozenset(await catalogue.names(deadline))
        active = await catalogue.active(name, deadline)
        version = (
            await catalogue.version(name, active.active, deadline) if active else await catalogue.newest(name, deadline)
        )
        return Others(names, Artefact(version.label, version.content) if version else shipped.referred)

    return session.in_catalogue(_OTHER[kind.command].collection, look)


def check_references(kind: Kind, content: Mapping[str, Any], others: Others) -> list[Problem]:
    """The warnings about a checked content; raises `Invalid` for what contradicts the other, its fields being pointers
    into `content`.
    """
    problems, warnings = (_of_rules if kind.command == RULES.command else _of_operation)(content, others)
    if problems:
        raise Invalid(*problems)
    return warnings


def check_file_references(kind: Kind, file: Positioned, others: Others) -> tuple[Problem, ...]:
    """The same of a checked file, with positions in it."""
    try:
        return placed_problems(check_references(kind, file.content, others), file)
    except Invalid as error:
        raise placed(error, file) from error


def warn(warnings: Iterable[Problem]) -> None:
    """Print warnings to standard error."""
    for warning in warnings:
        echo(f"warning: {warning}", err=True)


def _of_rules(content: Mapping[str, Any], others: Others) -> tuple[list[Problem], list[Problem]]:
    name, warnings = content["operation"], []
    if name != content["name"]:
        warnings.append(Problem("/operation", f"never asked about it: decides about the operation {content['name']}"))
    if others.referred is None:
        message = f"no operation {name} is known, its question is not looked at{did_you_mean(name, others.names)}"
        return [], [*warnings, Problem("/operation", message)]
    question = parse_operation(others.referred.content).schema
    return of_rule_set(parse_rule_set(content, features()), question, others.referred.label), warnings


def _of_operation(content: Mapping[str, Any], others: Others) -> tuple[list[Problem], list[Problem]]:
    operation, warnings, name = parse_operation(content), [], content["risk_function"]
    problems = of_operation(operation)
    if "/" not in name and name not in RISK_FUNCTIONS:
        message = f"no risk function {name} comes with the code{did_you_mean(name, RISK_FUNCTIONS)}"
        warnings.append(Problem("/risk_function", message))
    if others.referred is not None:
        rule_set = parse_rule_set(others.referred.content, features())
        field = "/question_schema" if "question_schema" in content else "/question"
        problems += [
            Problem(field, f"{others.referred.label}{problem.field} {problem.message}")
            for problem in of_rule_set(rule_set, operation.schema, "this operation")
        ]
    return problems, warnings


def _referred(kind: Kind, content: Mapping[str, Any]) -> str:
    return str(content["operation"] if kind.command == RULES.command else content["name"])
