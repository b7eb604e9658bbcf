"""`commands`: where the bank's commands stand, as the ledger has it."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import click

from cli.error_output import Group
from cli.output import as_json, echo, print_json, print_table
from cli.progress import progress
from cli.session import PATIENCE, Session
from shared.commands import ledger
from shared.commands.ledger import Entry
from shared.commands.status import CommandStatus
from shared.commands.types import command_topics
from shared.deadline import Deadline
from shared.errors import Damaged, NotFound
from shared.storage.documents import Documents

_PAGE = 300  # entries read at once
_UNREADABLE = "unreadable"

_of_type = click.option(
    "--type", "kind", type=click.Choice(sorted(command_topics())), help="Only commands of this type."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one command stands, as it is printed: `due_at` is when scheduled work looks at it."""

    id: str
    type: str
    status: str
    code: str
    result: str
    attempts: int
    uncertain: bool
    operation: str
    accepted_at: datetime
    changed_at: datetime
    not_after: datetime
    due_at: datetime | None
    reason: str


@click.group(cls=Group)
def commands() -> None:
    r"""See where commands stand: each accepted id has one status, always.

    \b
      claimed, parked                                           not final: it is being done, or waits
      done, refused, expired, ambiguous, dead_lettered, discarded           final

    \b
      python -m cli commands count                              do the books add up?
      python -m cli commands list --status parked               what waits, since when, and why
      python -m cli commands show transaction.op-4711.1.0       one of them
    """


@commands.command()
@click.argument("command_id")
@as_json
@click.pass_obj
def show(session: Session, command_id: str, as_json: bool) -> None:
    """Show where one command stands, and why."""

    async def load(documents: Documents, deadline: Deadline) -> Standing:
        [document] = await documents.read([ledger.key(command_id)], deadline)
        if document is None:
            raise NotFound(f"no command {command_id} was accepted: if it was published, look at `dead-letters list`")
        return _standing(document.key.id, ledger.read(document), document.due_at)

    standing = session.run(load)
    if as_json:
        print_json(standing)
    else:
        print_table(["", ""], [(name.replace("_", " "), getattr(standing, name)) for name in Standing.__slots__])


@commands.command("list")
@click.option(
    "--status", type=click.Choice([status.value for status in CommandStatus]), help="Only commands that stand so."
)
@_of_type
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most so many.")
@as_json
@click.pass_obj
def list_(session: Session, status: str | None, kind: str | None, limit: int, as_json: bool) -> None:
    """List commands in order of their ids. Goes through the whole ledger until it has found enough."""

    async def search(documents: Documents, _: Deadline) -> list[Standing]:
        rows: list[Standing] = []
        async for standing in _all(documents):
            if isinstance(standing, Standing) and status in (None, standing.status) and kind in (None, standing.type):
                rows.append(standing)
                if len(rows) == limit:
                    break
        return rows

    rows = session.run(search)
    if as_json:
        print_json(rows)
    elif rows:
        columns = ("id", "type", "status", "code", "attempts", "changed_at", "due_at", "result")
        print_table([name.replace("_", " ") for name in columns], [[getattr(row, n) for n in columns] for row in rows])
    else:
        echo("no such command")


@commands.command()
@_of_type
@as_json
@click.pass_obj
def count(session: Session, kind: str | None, as_json: bool) -> None:
    """Count commands by type and status. Goes through the whole ledger: 90 days of settled ones, and all others."""

    async def tally(documents: Documents, _: Deadline) -> Counter[tuple[str, str]]:
        counts: Counter[tuple[str, str]] = Counter()
        async for standing in _all(documents):
            counts[
                (standing.type, standing.status) if isinstance(standing, Standing) else (_UNREADABLE, _UNREADABLE)
            ] += 1
        return counts

    counts = session.run(tally)
    kinds = [kind] if kind else sorted({name for name, _ in counts})
    table = {
        name: {status.value: counts[name, status.value] for status in CommandStatus}
        for name in kinds
        if name != _UNREADABLE
    }
    accepted = {name: sum(row.values()) for name, row in table.items()}
    unreadable = counts[_UNREADABLE, _UNREADABLE]
    if as_json:
        print_json({"types": table, "accepted": accepted, "unreadable": unreadable})
        return
    print_table(
        ["type", *CommandStatus, "accepted"], [(name, *row.values(), accepted[name]) for name, row in table.items()]
    )
    if unreadable:
        echo(f"{unreadable} entries cannot be read")


async def _all(documents: Documents) -> AsyncIterator[Standing | None]:
    """Every entry of the ledger, `None` for one that cannot be read. Each page has its own deadline of `PATIENCE`."""
    after = ""
    with progress("going through the ledger") as bar:
        while page := await documents.scan(ledger.COLLECTION, Deadline.after(PATIENCE), after=after, limit=_PAGE):
            for document in page:
                try:
                    yield _standing(document.key.id, ledger.read(document), document.due_at)
                except Damaged:
                    yield None
            bar.advance(len(page))
            after = page[-1].key.id


def _standing(command_id: str, entry: Entry, due_at: datetime | None) -> Standing:
    return Standing(
        id=command_id,
        type=entry.type,
        status=entry.status.value,
        code=entry.code,
        result=", ".join(f"{name} {value}" for name, value in entry.result.items()),
        attempts=entry.attempts,
        uncertain=entry.uncertain,
        operation=entry.operation,
        accepted_at=entry.accepted_at,
        changed_at=entry.changed_at,
        not_after=entry.not_after,
        due_at=due_at,
        reason=entry.reason,
    )
