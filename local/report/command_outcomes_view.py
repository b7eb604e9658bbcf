"""The outcomes of commands, for people and as JSON: counts, and one review from its opening to its end."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from local.replay.fault_injection import PlannedFault
from local.report.command_outcomes import CommandOutcomes
from shared.risk.reviews.review import Review


def figures(outcomes: CommandOutcomes) -> dict[str, Any]:
    """Everything as JSON values."""
    return {
        "issued": len(outcomes.issued),
        "missing": list(outcomes.missing),
        "commands": outcomes.commands,
        "recovered": {kind: list(counts) for kind, counts in outcomes.recovered.items()},
        "tickets": len(outcomes.tickets),
        "reviews": outcomes.reviews,
        "messages": outcomes.messages,
    }


def show(console: Console, outcomes: CommandOutcomes, faults: Sequence[PlannedFault]) -> None:
    """Print it for people."""
    accepted = sum(sum(counts.values()) for counts in outcomes.commands.values())
    console.print(
        f"answers issued {len(outcomes.issued):,} commands, {accepted:,} accepted with those they led to;"
        f" {len(outcomes.tickets):,} tickets; reviews: {_counts(outcomes.reviews)};"
        f" messages: {_counts(outcomes.messages)}"
    )
    if outcomes.missing:
        console.print(f"[bold red]missing: {', '.join(outcomes.missing)}")
    console.print(_table(outcomes))
    for broken in faults:
        console.print(f"[yellow]{broken.name} was {broken.how} for a while, after {broken.after:,} transactions[/]")
    for kind, (waited, done) in outcomes.recovered.items():
        console.print(f"{kind}: {waited:,} had to wait, {done:,} of them done by now")
    _story(console, outcomes)


def _table(outcomes: CommandOutcomes) -> Table:
    statuses = sorted({status for counts in outcomes.commands.values() for status in counts})
    table = Table(title="commands", box=box.SIMPLE, pad_edge=False)
    table.add_column("type")
    for status in statuses:
        table.add_column(status, justify="right")
    for kind, counts in outcomes.commands.items():
        table.add_row(kind, *(f"{counts.get(status, 0):,}" for status in statuses))
    return table


def _story(console: Console, outcomes: CommandOutcomes) -> None:
    """Print one decided review with its ticket and its end, if possible one whose client was notified."""
    reviews = [review for review in outcomes.snapshot.reviews.values() if review.decision is not None]
    if not reviews:
        return
    notified = [review for review in reviews if f"{review.id}:told" in outcomes.snapshot.messages]
    review = max(
        notified or reviews,
        key=lambda candidate: (candidate.decision is not None and candidate.decision.at, candidate.id),
    )
    console.print("\n[bold]One of them[/]")
    for line in lines(outcomes, review):
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def lines(outcomes: CommandOutcomes, review: Review) -> list[str]:
    """What happened to one review, a line for each step."""
    amount = f"{review.amount.minor / 100:,.2f} {review.amount.currency}, " if review.amount else ""
    steps = [f"review {review.id}: {amount}{', '.join(review.opened_for)}"]
    ticket = outcomes.snapshot.entries.get(f"{review.id}:open")
    if ticket is not None:
        steps.append(f"ticket {ticket.result.get('ticket', ticket.status.value)}")
    steps += [f"approved by {approval.by}: {approval.reason}" for approval in review.approvals]
    if review.decision is not None and review.decision.verdict == "reject":
        steps.append(f"rejected by {review.decision.by}: {review.decision.reason}")
    resolution = outcomes.snapshot.entries.get(f"{review.id}:done")
    if resolution is not None:
        steps.append(f"transaction service: {resolution.result.get('transaction', resolution.status.value)}")
    message = outcomes.snapshot.messages.get(f"{review.id}:told")
    if message is not None:
        steps.append(
            f"client: {message.template} by {message.channel}, {message.status.value} {message.reason}".rstrip()
        )
    elif review.decision is not None:
        steps.append(f"client: not told that it was {review.status}, for {review.decision.reason} does not permit it")
    return [*steps, f"python -m cli trace {review.operation.id}"]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "none"
