"""What is published: lists, contents, differences and who did what when."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from cli.catalogue.document_kind import Kind, name_of
from cli.output import as_json, console, echo, print_json, print_table, visible
from cli.session import Session
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import Activation, Version
from shared.catalogue.yaml_files import dump
from shared.deadline import Deadline
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Act:
    """One line of a history."""

    at: datetime
    who: str
    what: str
    version: int
    note: str


def add_looking(group: click.Group, kind: Kind) -> None:
    """Give `group` the commands that only look."""
    for command in (_list(kind), _show(kind), _history(kind), _diff(kind)):
        group.add_command(command)


def _list(kind: Kind) -> click.Command:
    @click.command("list", help=_LIST.format(kind=kind))
    @click.argument("name", required=False)
    @as_json
    @click.pass_obj
    def list_(session: Session, name: str | None, as_json: bool) -> None:
        async def read_rows(catalogue: Catalogue, deadline: Deadline) -> list[dict[str, Any]]:
            if name is not None:
                return await _versions(catalogue, name, deadline)
            return [await _overview(catalogue, published, deadline) for published in await catalogue.names(deadline)]

        rows = session.in_catalogue(kind.collection, read_rows)
        if as_json:
            print_json(rows)
        elif rows:
            print_table([key.replace("_", " ") for key in rows[0]], [list(row.values()) for row in rows])
        else:
            echo(f"no {kind.noun} is published: python -m cli bootstrap publishes those that come with the code")

    return list_


async def _overview(catalogue: Catalogue, name: str, deadline: Deadline) -> dict[str, Any]:
    active, newest = await catalogue.active(name, deadline), await catalogue.newest(name, deadline)
    waiting = newest if newest is not None and newest.approved_by is None else None
    return {
        "name": name,
        "active": active.active if active else None,
        "since": active.at if active else None,
        "by": active.by if active else None,
        "waiting": waiting.version if waiting else None,
        "proposed_by": waiting.proposed_by if waiting else None,
        "note": waiting.note if waiting else active.note if active else None,
    }


async def _versions(catalogue: Catalogue, name: str, deadline: Deadline) -> list[dict[str, Any]]:
    versions = await catalogue.versions(name, deadline)
    active = await catalogue.active(name, deadline)
    return [
        {
            "version": version.version,
            "state": _state(version, active),
            "proposed_by": version.proposed_by,
            "proposed_at": version.proposed_at,
            "approved_by": version.approved_by,
            "approved_at": version.approved_at,
            "note": version.note,
            "hash": version.content_hash[:12],
        }
        for version in reversed(versions)
    ]


def _state(version: Version, active: Activation | None) -> str:
    if active is not None and version.version == active.active:
        return "active"
    if version.approved_by is not None:
        return "approved"
    return "overtaken" if active is not None and version.version < active.active else "proposed"


def _show(kind: Kind) -> click.Command:
    @click.command("show", help=_SHOW.format(kind=kind))
    @click.argument("name")
    @click.argument("version", type=click.IntRange(min=1), required=False)
    @as_json
    @click.pass_obj
    def show(session: Session, name: str, version: int | None, as_json: bool) -> None:
        published = session.in_catalogue(
            kind.collection, lambda catalogue, deadline: chosen(catalogue, name, version, deadline)
        )
        if as_json:
            print_json(published)
            return
        echo(f"# {published.label}, proposed by {published.proposed_by}: {published.note}")
        echo(f"# approved by {published.approved_by}" if published.approved_by else "# not approved")
        echo(dump(published.content), nl=False)

    return show


def _history(kind: Kind) -> click.Command:
    @click.command("history", help=_HISTORY.format(kind=kind))
    @click.argument("name")
    @as_json
    @click.pass_obj
    def history(session: Session, name: str, as_json: bool) -> None:
        async def acts(catalogue: Catalogue, deadline: Deadline) -> list[Act]:
            proposals = [
                Act(version.proposed_at, version.proposed_by, "proposed", version.version, version.note)
                for version in await catalogue.versions(name, deadline)
            ]
            activations = [
                Act(
                    activation.at,
                    activation.by,
                    activation.act.replace("_", " ") + " to" * (activation.act == "rolled_back"),
                    activation.active,
                    activation.note,
                )
                for activation in await catalogue.history(name, deadline)
            ]
            return sorted([*proposals, *activations], key=lambda act: act.at)

        lines = session.in_catalogue(kind.collection, acts)
        if as_json:
            print_json(lines)
        else:
            print_table(
                ["at", "who", "what", "version", "note"],
                [(act.at, act.who, act.what, act.version, act.note) for act in lines],
            )

    return history


def _diff(kind: Kind) -> click.Command:
    @click.command("diff", help=_DIFF.format(kind=kind))
    @click.argument("target", metavar="NAME|FILE")
    @click.argument("before", type=click.IntRange(min=1), required=False)
    @click.argument("after", type=click.IntRange(min=1), required=False)
    @click.pass_obj
    def diff(session: Session, target: str, before: int | None, after: int | None) -> None:
        file = Path(target) if is_file(target) else None
        content = kind.complete(kind.read(file).content) if file else {}
        name = name_of(content) if file else target

        async def sides(catalogue: Catalogue, deadline: Deadline) -> tuple[Version, Version]:
            old = await chosen(catalogue, name, before, deadline)
            if file is not None:
                return old, Version(str(file), 0, content, "", "", session.now(), "")
            newest = await catalogue.newest(name, deadline)
            return old, await catalogue.version(name, after or (newest.version if newest else 0), deadline)

        lines = list(changes(*session.in_catalogue(kind.collection, sides)))
        for line in lines:
            console().print(visible(line), style=_COLOURS.get(line[:1]), markup=False, soft_wrap=True)
        if not lines:
            echo("no difference")

    return diff


_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def changes(before: Version, after: Version) -> Iterator[str]:
    """The lines of a unified diff of two contents."""
    names = before.label, after.label if after.version else after.name
    yield from difflib.unified_diff(
        dump(before.content).splitlines(), dump(after.content).splitlines(), *names, lineterm=""
    )


def is_file(target: str) -> bool:
    """Whether `target` is a file (a path, a YAML name or an existing file) rather than a published name."""
    return "/" in target or target.endswith((".yaml", ".yml")) or Path(target).is_file()


async def chosen(catalogue: Catalogue, name: str, number: int | None, deadline: Deadline) -> Version:
    """That version, or the active one."""
    if number is None:
        active = await catalogue.active(name, deadline)
        if active is None:
            raise NotFound(f"{catalogue.collection} has no active {name}: name a version")
        number = active.active
    return await catalogue.version(name, number, deadline)


_LIST = """What is published: every {kind.noun} with the version in force, or all versions of NAME, the newest first.

\b
  python -m cli {kind.command} list
  python -m cli {kind.command} list transaction
  python -m cli {kind.command} list --json | jq '.[] | select(.waiting)'"""

_SHOW = """Print a version of a {kind.noun} as YAML, the one in force if you name none.

\b
  python -m cli {kind.command} show transaction > my.yaml
  python -m cli {kind.command} show transaction 3 --json

With --json also who proposed and approved it. Comments of the original file are not kept."""

_HISTORY = """Who proposed, approved and rolled back what, when and why.

\b
  python -m cli {kind.command} history transaction"""

_DIFF = """What differs between two versions of a {kind.noun}, or between the one in force and a file.

\b
  python -m cli {kind.command} diff transaction          in force against newest
  python -m cli {kind.command} diff transaction 3 5
  python -m cli {kind.command} diff my.yaml              in force against the file"""
