"""`audit`: who read or did what, and whether that record is whole."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from cli.error_output import Group
from cli.operator_client import OperatorClient
from cli.output import as_json, echo, print_json, print_table
from cli.session import PATIENCE, Session, acting
from shared.audit.anchors import EVER, Anchor, Anchors
from shared.audit.entry import Entry, Head, Sealed, opened
from shared.audit.verification import Verification, cut_off
from shared.composition.audit_anchors import anchors as logged_anchors
from shared.composition.ports import open_ports
from shared.composition.signing import verifier
from shared.deadline import Deadline
from shared.errors import Invalid, Problem
from shared.times import in_utc

_PAGE = 500

anchors_option = click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="NUMBER:HASH",
    help="A hash that you have from elsewhere; may be given often.",
)


@click.group(cls=Group)
def audit() -> None:
    """The audit: list, verify.

    Every look and every act through the operators' API is an entry: who, what, when, to whom (clients as tokens) and
    why. Each entry names the hash of the one before it, so that none can be changed or removed without a trace.
    """


@audit.command("list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.option("--by", metavar="EMAIL", help="What this person did.")
@click.option("--action", metavar="TEXT", help="What begins so: reviews, or reviews.approve.")
@click.option("--target", metavar="ID", help="What was done to this one.")
@click.option("--client", "subject", metavar="TOKEN", help="What was done about this client.")
@click.option("--back", type=click.IntRange(1), default=10_000, show_default=True, help="How many entries to look at.")
@acting
@as_json
@click.pass_obj
def list_(session: Session, /, limit: int, back: int, named: str | None, as_json: bool, **criteria: str | None) -> None:
    r"""Entries, the newest first.

    \b
      python -m cli audit list
      python -m cli audit list --action reviews.approve --by ana@bank.example
      python -m cli audit list --target transaction.op-4711.1 --json

    Looking at the audit is an entry, too.
    """
    entries = []
    for entry in _newest(session.operators(named), back):
        entries += [entry] if _fits(entry, **criteria) else []
        if len(entries) == limit:
            break
    if as_json:
        print_json(entries)
    else:
        print_table(["number", "at", "who", "what", "outcome", "to", "why"], [_row(entry) for entry in entries])


def _fits(entry: Entry, by: str | None, action: str | None, target: str | None, subject: str | None) -> bool:
    return (
        by in {None, entry.actor}
        and entry.action.startswith(action or "")
        and (target is None or target in entry.targets)
        and (subject is None or subject in entry.subjects)
    )


def _row(entry: Entry) -> list[Any]:
    more = f" and {len(entry.targets) - 3} more" if len(entry.targets) > 3 else ""
    to = ", ".join(entry.targets[:3]) + more
    at = in_utc(entry.at)
    return [entry.sequence, at, entry.actor, entry.action, entry.outcome.value, to, entry.reason]


def _newest(client: OperatorClient, back: int) -> Iterator[Entry]:
    """Up to `back` entries, the newest first; one that cannot be read is left to `verify`."""
    page = client.get("/v1/audit", limit=min(_PAGE, back))
    while back > 0:
        for sealed in reversed(_entries(page)):
            if sealed is not None:
                yield opened(sealed.content)
        back -= len(page["entries"])
        before = page["first"] - 1
        size = min(_PAGE, back, before)
        if size < 1:
            return
        page = client.get("/v1/audit", first=before - size + 1, limit=size)


@audit.command("verify")
@anchors_option
@click.option("--without-log", is_flag=True, help="Do not compare with what was logged: finds less.")
@acting
@as_json
@click.pass_context
def verify(
    context: click.Context, anchors: tuple[str, ...], without_log: bool, named: str | None, as_json: bool
) -> None:
    r"""Whether the whole chain is as it was written, and where it is not.

    \b
      python -m cli audit verify
      python -m cli audit verify --anchor 4711:9f86d081884c7d65...

    Every entry is read, its hash is computed here, and compared with the one that was logged when it was written: who
    can write to the store could seal a changed chain anew, or cut off its end, but cannot change the log. Heads in the
    log that are signed are verified. On Google Cloud reading the log takes SLACKER_AUDIT_LOG and SLACKER_KEY_RING.

    Exit code 1 if anything is wrong, or the log cannot be read.
    """
    session: Session = context.obj
    verification = Verification()
    verification.anchor([_anchor(anchor) for anchor in anchors])
    head = asyncio.run(_verify(session, session.operators(named), verification, with_log=not without_log))
    if as_json:
        print_json({"verified": verification.verified, "head": head, "breaks": verification.breaks})
    else:
        for fault in verification.breaks:
            echo(f"entry {fault.sequence} {fault.what}")
        state = "BROKEN" if verification.breaks else "whole"
        echo(f"{verification.verified} entries, the chain is {state}; anchor {head.sequence}:{head.hash}")
    if verification.breaks:
        context.exit(1)


async def _verify(session: Session, client: OperatorClient, verification: Verification, *, with_log: bool) -> Head:
    """Take the whole chain, page by page, and give its head as it was at the beginning."""
    log = _logged(session) if with_log else None
    page = client.get("/v1/audit", first=1, limit=_PAGE)
    head = Head(**page["head"])
    with Progress(console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("verifying", total=head.sequence)
        while True:
            entries = _entries(page)[: head.sequence - verification.verified]
            first, last = verification.verified + 1, verification.verified + len(entries)
            if log is not None:
                verification.anchor(await log.between(first, last, Deadline.after(PATIENCE)))
            verification.take(entries)
            progress.update(task, completed=verification.verified)
            if verification.verified >= head.sequence or not page["entries"]:
                break
            page = client.get("/v1/audit", first=verification.verified + 1, limit=_PAGE)
    verification.end(head)
    if log is not None:
        logged = await log.between(head.sequence + 1, EVER, Deadline.after(PATIENCE))
        if logged:  # of what was written meanwhile, or cut off: the head is read once more
            verification.breaks += cut_off(
                (each.sequence for each in logged), Head(**client.get("/v1/audit", limit=1)["head"])
            )
    return head


def _logged(session: Session) -> Anchors:
    """The log's anchors, in the cloud read as whoever is signed in."""

    async def authorise(_: Deadline) -> Mapping[str, str]:
        return {"authorization": f"Bearer {session.account().token()}"}

    ports = open_ports(session.environment)
    return logged_anchors(ports, verifier(ports, authorise), authorise)


def _entries(page: dict[str, Any]) -> list[Sealed | None]:
    return [entry and Sealed(entry["hash"], entry["content"].encode()) for entry in page["entries"]]


def _anchor(text: str) -> Anchor:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise Invalid(Problem("--anchor", "NUMBER:HASH expected, the hash with 64 hexadecimal digits"))
    return Anchor(int(number), digest.lower())
