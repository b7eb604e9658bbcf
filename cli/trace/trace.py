"""`trace`: what happened to one operation, from the bank's request to the answer on record."""

import re
from collections.abc import Iterator

import click
from rich.tree import Tree

from cli.output import as_json, console, escape, print_json
from cli.session import Session
from cli.trace import answers, effects
from cli.trace.answers import Record
from cli.trace.effects import Consequences
from cli.trace.log_lines import DAYS, opened
from cli.trace.timeline import Line, Request, tell
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS
from shared.deadline import Deadline
from shared.errors import Invalid, NotFound, Problem
from shared.storage.documents import Documents

_OPERATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}
_STANDING = {"parked": "yellow", "ambiguous": "red", "dead_lettered": "red", "expired": "yellow", "refused": "yellow"}
_ON_THE_LINE = {
    "attempt": "attempt {}",
    "command_type": "{}",
    "action": "{}",
    "template": "{}",
    "channel": "by {}",
    "outcome": "{}",
    "code": "{}",
    "advice": "{}",
    "decided_by": "by {}",
    "score": "score {}",
    "status": "status {}",
    "error": "{}",
    "reason": "{}",
    "took_ms": "took {} ms",
}
_NOT_BELOW = {*_ON_THE_LINE, "operation", "reasons", "recorded"}


@click.command()
@click.argument("operation_id")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True, help="How far back (cloud only)."
)
@as_json
@click.pass_obj
def trace(session: Session, operation_id: str, days: int, as_json: bool) -> None:
    r"""Tell the story of one operation: each request about it through all functions, the answers on record, and what
    they led to: commands, the review, the ticket, what the client was told.

    \b
      python -m cli trace op-4711
      python -m cli trace op-4711 --json | jq '.requests[].lines[] | select(.severity == "ERROR")'

    It finds the log lines that name the operation, takes their trace id (W3C traceparent: the bank's own, if it sent
    one) and shows all lines of that trace in order of time: who took how long, which rules hit, which feature values
    they saw. Ids of clients appear as tokens.
    """
    if _OPERATION_ID.fullmatch(operation_id) is None:
        raise Invalid(Problem("OPERATION_ID", "letters, digits and ._:- expected, at most 128"))
    requests = tell(operation_id, opened(session, days))
    named = {line.fields.get("operation") for request in requests for line in request.lines}
    operations = {name for name in named if isinstance(name, str)}
    on_record, led_to = session.run(lambda documents, deadline: _stored(documents, operation_id, operations, deadline))
    if not requests and not on_record:
        raise NotFound(f"nothing is known of {operation_id}: is this the store and the project you mean?")
    if as_json:
        story = {"operation_id": operation_id, "requests": requests, "records": on_record}
        print_json({**story, "commands": led_to.commands, "reviews": led_to.reviews})
        return
    tree = Tree(f"[bold]{escape(operation_id)}[/bold]")
    for request in requests:
        _print_request(tree, request)
    for record in on_record:
        _print_record(tree, record)
    if not on_record:
        tree.add("no answer is on record")
    _print_consequences(tree, led_to)
    console().print(tree, soft_wrap=True)


async def _stored(
    documents: Documents, operation_id: str, operations: set[str], deadline: Deadline
) -> tuple[list[Record], Consequences]:
    names = operations or set(await Catalogue(documents, OPERATIONS).names(deadline))
    on_record = await answers.find(documents, operation_id, names, deadline)
    return on_record, await effects.find(documents, operation_id, names, deadline)


def _print_request(tree: Tree, request: Request) -> None:
    """Add the request's lines to `tree`: under a line what other functions logged while it lasted (a called function
    under its caller), and its further fields.
    """
    start = request.lines[0].began
    root = tree.add(f"{start:%Y-%m-%d %H:%M:%S.%f}Z  trace {escape(request.trace_id) or 'unknown'}")
    branches: list[tuple[Line, Tree]] = []
    for line in request.lines:
        around = [branch for other, branch in branches if _around(other, line)]
        after = (line.began - start).total_seconds() * 1000
        label = escape(f"+{after:.1f} ms  {_headline(line)}")
        branch = (around[-1] if around else root).add(label, style=_COLOURS.get(line.severity, ""))
        branches.append((line, branch))
        for detail in _details(line):
            branch.add(escape(detail), style="dim")


def _around(other: Line, line: Line) -> bool:
    if line.began == line.at:
        return other.function == line.function and other.began < other.at
    return other.function != line.function and line.began <= other.at


def _headline(line: Line) -> str:
    parts = [form.format(line.fields[name]) for name, form in _ON_THE_LINE.items() if name in line.fields]
    if "recorded" in line.fields:
        parts.append("recorded" if line.fields["recorded"] else "not recorded")
    parts += [_listed(line.fields["reasons"])] if line.fields.get("reasons") else []
    return "  ".join([f"{line.function:14}", line.kind, *parts])


def _details(line: Line) -> Iterator[str]:
    for name, value in line.fields.items():
        if name not in _NOT_BELOW and value not in (None, [], {}):
            yield f"{name}: {_listed(value)}"


def _listed(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={element}" for key, element in value.items())
    return ", ".join(str(element) for element in value) if isinstance(value, list) else str(value)


def _print_record(tree: Tree, record: Record) -> None:
    answer = record.answer
    summary = f"{answer.get('advice')}  {_listed(answer.get('reasons')) or 'no reason'}"
    when = f"{record.created_at:%Y-%m-%d %H:%M:%S}Z"
    branch = tree.add(f"[bold]{escape(f'on record since {when}: {summary}')}[/bold]")
    branch.add(
        escape(f"decided by {answer.get('decided_by')}, versions: {_listed(answer.get('versions'))}"), style="dim"
    )
    branch.add(escape(f"document: {record.document}"), style="dim")
    if record.pending:
        branch.add(escape(f"commands to be published: {_listed(list(record.pending))}"))


def _print_consequences(tree: Tree, led_to: Consequences) -> None:
    for review in led_to.reviews:
        decided = f" since {review.decided_at:%Y-%m-%d %H:%M:%S}Z  {review.reason}" if review.decided_at else ""
        tree.add(f"[bold]{escape(f'review {review.id}: {review.status}{decided}')}[/bold]")
    for command in led_to.commands:
        explanation = filter(None, (command.code, command.reason, _listed(command.result)))
        headline = escape("  ".join([f"{command.type:20}", command.status, *explanation]))
        branch = tree.add(headline, style=_STANDING.get(command.status, ""))
        took = (command.changed_at - command.accepted_at).total_seconds() * 1000
        tries = "" if command.attempts == 1 else f", {command.attempts} tries"
        accepted = f"accepted {command.accepted_at:%Y-%m-%d %H:%M:%S.%f}Z"
        branch.add(escape(f"command {command.id}, {accepted}, {took:.0f} ms{tries}"), style="dim")
