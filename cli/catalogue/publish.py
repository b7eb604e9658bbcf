"""How a version gets into force and out of it again: proposed by one person, approved by another, rolled back by
anyone on call.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from cli.catalogue.document_kind import Kind, name_of
from cli.catalogue.references import check_file_references, check_references, in_store, warn
from cli.catalogue.show import changes
from cli.output import echo
from cli.session import Session, acting, dry_run
from shared.catalogue.catalogue import Activated, Catalogue, Proposed
from shared.catalogue.versions import Activation, Version, content_hash, label
from shared.deadline import Deadline
from shared.errors import SlackerError
from shared.times import in_utc


def add_publishing(group: click.Group, kind: Kind) -> None:
    """Give `group` the commands that change what is in force."""
    for command in (_publish(kind), _approve(kind), _rollback(kind)):
        group.add_command(command)


def _publish(kind: Kind) -> click.Command:
    @click.command("publish", help=_PUBLISH.format(kind=kind))
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--note", required=True, help="Why, for the one who approves and for the history.")
    @acting
    @dry_run
    @click.pass_obj
    def publish(session: Session, file: Path, note: str, named: str | None, dry_run: bool) -> None:
        positioned = kind.read(file)
        content = kind.complete(positioned.content)
        name = name_of(content)
        person = session.person(named)
        warn(check_file_references(kind, positioned, in_store(session, kind, content)))

        async def propose(catalogue: Catalogue, deadline: Deadline) -> Proposed:
            if not dry_run:
                return await catalogue.propose(
                    name, content, by=person, now=session.now(), note=note, deadline=deadline
                )
            newest = await catalogue.newest(name, deadline)
            if newest is not None and newest.content_hash == content_hash(content):
                return Proposed(newest, created=False)
            number = newest.version + 1 if newest else 1
            return Proposed(Version(name, number, content, "", person, session.now(), note), created=True)

        proposed = session.in_catalogue(kind.collection, propose)
        version = proposed.version
        if not proposed.created:
            echo(f"nothing to do: {version.label} has this content already, proposed by {version.proposed_by}")
        elif dry_run:
            echo(f"would propose {version.label}: {kind.check(content)}")
            return
        else:
            echo(f"proposed {version.label}: {kind.check(content)}")
        if version.approved_by is None:
            echo(f"now another person runs: python -m cli {kind.command} approve {name} {version.version}")

    return publish


def _approve(kind: Kind) -> click.Command:
    @click.command("approve", help=_APPROVE.format(kind=kind))
    @click.argument("name")
    @click.argument("version", type=click.IntRange(min=1))
    @click.option("--note", default="", help="For the history; the proposal's note if you give none.")
    @acting
    @dry_run
    @click.pass_obj
    def approve(session: Session, name: str, version: int, note: str, named: str | None, dry_run: bool) -> None:
        person = session.person(named)
        content = session.in_catalogue(kind.collection, lambda *reading: _content(name, version, *reading))
        kind.check(content)
        warn(check_references(kind, content, in_store(session, kind, content)))

        async def approved(catalogue: Catalogue, deadline: Deadline) -> Activated | None:
            proposed = await catalogue.version(name, version, deadline)
            if proposed.approved_by is None:
                active = await catalogue.active(name, deadline)
                await _tell(catalogue, active, proposed, deadline)
            if dry_run:
                return None
            return await catalogue.approve(name, version, by=person, now=session.now(), note=note, deadline=deadline)

        done = session.in_catalogue(kind.collection, approved)
        if done is None:
            echo(f"would approve {label(name, version)} as {person}")
        else:
            _tell_activated(kind, done, version)

    return approve


def _rollback(kind: Kind) -> click.Command:
    @click.command("rollback", help=_ROLLBACK.format(kind=kind))
    @click.argument("name")
    @click.option("--to", type=click.IntRange(min=1), metavar="VERSION", help="Instead of the version before.")
    @click.option("--note", required=True, help="Why, for the history.")
    @acting
    @dry_run
    @click.pass_obj
    def rollback(session: Session, name: str, to: int | None, note: str, named: str | None, dry_run: bool) -> None:
        person = session.person(named)

        async def back(catalogue: Catalogue, deadline: Deadline) -> Activated | None:
            target = await catalogue.rollback_target(name, deadline, to)
            _warn(kind, await catalogue.version(name, target, deadline))
            if dry_run:
                echo(f"would leave {label(name, target)} in force, as {person}")
                return None
            return await catalogue.rollback(name, by=person, now=session.now(), note=note, to=to, deadline=deadline)

        done = session.in_catalogue(kind.collection, back)
        if done is not None:
            _tell_activated(kind, done, to)

    return rollback


async def _content(name: str, version: int, catalogue: Catalogue, deadline: Deadline) -> Mapping[str, Any]:
    return (await catalogue.version(name, version, deadline)).content


async def _tell(catalogue: Catalogue, active: Activation | None, proposed: Version, deadline: Deadline) -> None:
    """Print what an approval would change."""
    echo(f"{proposed.label}, proposed by {proposed.proposed_by}: {proposed.note}")
    if active is None:
        echo("nothing is in force under this name yet")
        return
    before = await catalogue.version(proposed.name, active.active, deadline)
    lines = [line for line in changes(before, proposed) if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    added = sum(line.startswith("+") for line in lines)
    echo(f"against {before.label}, in force now: +{added} -{len(lines) - added} lines")


def _tell_activated(kind: Kind, done: Activated, version: int | None) -> None:
    activation = done.activation
    active = label(activation.name, activation.active)
    if done.changed:
        echo(f"{active} is in force: every running function takes it within 10 seconds")
        return
    act = "approved" if activation.act == "approved" else "rolled back to"
    echo(f"nothing to do: {active} is in force, {act} by {activation.by} at {_when(activation.at)}")
    back = f"python -m cli {kind.command} rollback {activation.name} --to"
    if version not in {None, activation.active}:
        echo(f"version {version} was approved before; to go back to it: {back} {version}")
    elif activation.act == "rolled_back":
        echo(f"to go further back: {back} VERSION")


def _warn(kind: Kind, version: Version) -> None:
    """Print a warning if the version fails today's check: functions may refuse it and keep the one they have."""
    try:
        kind.check(version.content)
    except SlackerError as error:
        echo(f"warning: {version.label} does not pass today's check, functions may refuse it: {error}", err=True)


def _when(at: datetime) -> str:
    return f"{in_utc(at):%Y-%m-%d %H:%M:%S}Z"


_PUBLISH = """Check FILE and propose it as the next version; a second person approves it.

\b
  python -m cli {kind.command} publish my.yaml --note "why" --dry-run
  python -m cli {kind.command} publish my.yaml --note "why"

The name is the one in the file. The same content as the newest version makes no new one. Nothing is in force before
the approval."""

_APPROVE = """Put a proposed version of a {kind.noun} in force. It takes another person than the one who proposed it.

\b
  python -m cli {kind.command} diff transaction                 what would change
  python -m cli {kind.command} approve transaction 7 --dry-run
  python -m cli {kind.command} approve transaction 7

Running functions take it within 10 seconds. Approving twice changes nothing."""

_ROLLBACK = """Go back to the version of a {kind.noun} that was in force before, or to the approved one named by --to.

\b
  python -m cli {kind.command} rollback transaction --note "blocks every salary"
  python -m cli {kind.command} rollback transaction --to 4 --note "..."

One person is enough: what comes back was approved once. Two people doing it at once go back one version, not two."""
