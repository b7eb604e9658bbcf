"""What became of the commands, for people and as JSON: counts that add up, and one story that can be looked at."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from local.aftermath import Aftermath
from local.breaking import Break
from shared.reviews.review import Review


def figures(found: Aftermath) -> dict[str, Any]:
    """Everything as JSON values."""
    return {
        "issued": len(found.issued),
        "missing": list(found.missing),
        "commands": found.commands,
        "recovered": {kind: list(counts) for kind, counts in found.recovered.items()},
        "tickets": len(found.tickets),
        "reviews": found.reviews,
        "messages": found.messages,
    }


def show(console: Console, found: Aftermath, broken: Sequence[Break]) -> None:
    """Print it for people."""
    accepted = sum(sum(counts.values()) for counts in found.commands.values())
    console.print(
        f"answers issued {len(found.issued):,} commands, {accepted:,} accepted with those they led to;"
        f" {len(found.tickets):,} tickets; reviews: {_counts(found.reviews)}; messages: {_counts(found.messages)}"
    )
    if found.missing:
        console.print(f"[bold red]missing: {', '.join(found.missing)}")
    console.print(_table(found))
    for one in broken:
        console.print(f"[yellow]{one.name} was {one.how} for a while, after {one.after:,} transactions[/]")
    for kind, (waited, done) in found.recovered.items():
        console.print(f"{kind}: {waited:,} had to wait, {done:,} of them done by now")
    _story(console, found)


def _table(found: Aftermath) -> Table:
    statuses = sorted({status for counts in found.commands.values() for status in counts})
    table = Table(title="commands", box=box.SIMPLE, pad_edge=False)
    table.add_column("type")
    for status in statuses:
        table.add_column(status, justify="right")
    for kind, counts in found.commands.items():
        table.add_row(kind, *(f"{counts.get(status, 0):,}" for status in statuses))
    return table


def _story(console: Console, found: Aftermath) -> None:
    """One review with its ticket, its end, and what its client was told: one that was told of, if there is any."""
    reviews = [review for review in found.seen.reviews.values() if review.decision is not None]
    if not reviews:
        return
    told = [review for review in reviews if f"{review.id}:told" in found.seen.messages]
    review = max(told or reviews, key=lambda one: (one.decision is not None and one.decision.at, one.id))
    console.print("\n[bold]One of them[/]")
    for line in lines(found, review):
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def lines(found: Aftermath, review: Review) -> list[str]:
    """The story of one review, a line for each step."""
    amount = f"{review.amount.minor / 100:,.2f} {review.amount.currency}, " if review.amount else ""
    told = [f"review {review.id}: {amount}{', '.join(review.why)}"]
    ticket = found.seen.entries.get(f"{review.id}:open")
    if ticket is not None:
        told.append(f"ticket {ticket.result.get('ticket', ticket.status.value)}")
    told += [f"approved by {one.by}: {one.reason}" for one in review.approvals]
    if review.decision is not None and review.decision.verdict == "reject":
        told.append(f"rejected by {review.decision.by}: {review.decision.reason}")
    resolution = found.seen.entries.get(f"{review.id}:done")
    if resolution is not None:
        told.append(f"transaction service: {resolution.result.get('transaction', resolution.status.value)}")
    message = found.seen.messages.get(f"{review.id}:told")
    if message is not None:
        told.append(
            f"client: {message.template} by {message.channel}, {message.status.value} {message.reason}".rstrip()
        )
    elif review.decision is not None:
        told.append(f"client: not told that it was {review.status}, for {review.decision.reason} does not permit it")
    return [*told, f"python -m cli trace {review.operation.id}"]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "none"
