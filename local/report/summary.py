"""The end of a demo: whether everything adds up, what came out by truth, how fast it was; for people, or as JSON."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from local.replay.replay import EventCounts, Run
from local.report import command_outcomes_view
from local.report.answer_check import AnswerCheck
from local.report.live_view import ADVICES

_REASONS = 10


def figures(run: Run, checked: AnswerCheck, restarts: dict[str, int]) -> dict[str, Any]:
    """All figures of the summary, as JSON values. Times are in milliseconds."""
    counters = run.counters
    caught, frauds = counters.frauds()
    disturbed, genuine = counters.disturbed()
    return {
        "history": run.history,
        "transactions": counters.transactions,
        "asked": counters.questions,
        "answered": counters.answered,
        "unanswered": dict(counters.unanswered),
        "recorded": checked.recorded,
        "unrecorded": checked.unrecorded,
        "lost": list(checked.lost),
        "differing": list(checked.differing),
        "asked_again": counters.retried,
        "decided_by": dict(counters.decided_by),
        "outcomes": {
            truth: {advice: counters.outcomes[advice, fraud] for advice in ADVICES}
            for truth, fraud in (("genuine", False), ("fraud", True))
        },
        "second_attempts": dict(counters.stepped_up),
        "scenarios": {
            kind: {advice: count for (scenario, advice), count in counters.scenarios.items() if scenario == kind}
            for kind in sorted({kind for kind, _ in counters.scenarios})
        },
        "fraud_caught": [caught, frauds],
        "genuine_disturbed": [disturbed, genuine],
        "reasons": dict(counters.reasons.most_common(_REASONS)),
        "milliseconds": {name: round(counters.latency(share) * 1000, 2) for name, share in _SHARES},
        "seconds": round(run.seconds, 2),
        "answers_per_second": round(counters.answered / run.seconds, 1) if run.seconds else 0.0,
        "restarts": restarts,
        "events": None if run.event_counts is None else _events(run.event_counts),
        "commands": None if run.command_outcomes is None else command_outcomes_view.figures(run.command_outcomes),
    }


def _events(sent: EventCounts) -> dict[str, Any]:
    return {
        "sent": sent.events,
        "deliveries": sent.deliveries,
        "featured": sent.featured,
        "dead_lettered": sent.dead_lettered,
        "late": sent.late,
        "lag_milliseconds": {name: round(lag * 1000, 1) for name, lag in zip(("p50", "p99"), sent.lag, strict=True)},
    }


_SHARES = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))


def adds_up(run: Run, checked: AnswerCheck) -> bool:
    """Whether every question was answered, every answer is stored as it was received, and neither an event nor a
    command is missing.
    """
    complete = run.counters.questions == run.counters.answered == checked.recorded + checked.unrecorded
    events = run.event_counts is None or run.event_counts.complete
    commands = run.command_outcomes is None or not run.command_outcomes.missing
    return complete and events and commands and not checked.lost and not checked.differing


def show(console: Console, run: Run, checked: AnswerCheck, restarts: dict[str, int]) -> None:
    """Print it for people."""
    values = figures(run, checked, restarts)
    mark = "[green]=[/]" if adds_up(run, checked) else "[bold red]≠[/]"
    console.print()
    console.print(
        f"asked {values['asked']:,} {mark} answered {values['answered']:,} {mark} recorded {values['recorded']:,}"
        + (f" + {values['unrecorded']:,} given with recorded: false" if values["unrecorded"] else "")
    )
    for what in ("unanswered", "lost", "differing"):
        if values[what]:
            console.print(f"[bold red]{what}: {values[what]}")
    if run.event_counts is not None:
        _show_events(console, run.event_counts)
    console.print(_outcomes(run))
    _shares(console, values)
    console.print(_counts("reasons", values["reasons"]))
    times = values["milliseconds"]
    console.print(
        f"{values['answers_per_second']:,.0f} answers/s; "
        + ", ".join(f"{name} {milliseconds} ms" for name, milliseconds in times.items())
    )
    revived = {name: count for name, count in restarts.items() if count}
    if values["asked_again"] or revived or values["decided_by"].get("declared"):
        declared = values["decided_by"].get("declared", 0)
        lost = ", ".join(f"{name} {count} times" for name, count in revived.items()) or "none"
        console.print(
            f"declared answers {declared:,}; asked again {values['asked_again']:,}; instances revived: {lost}"
        )


def _show_events(console: Console, sent: EventCounts) -> None:
    mark = "[green]=[/]" if sent.complete else "[bold red]≠[/]"
    p50, p99 = (lag * 1000 for lag in sent.lag)
    console.print(
        f"{sent.events:,} events sent, {sent.deliveries:,} deliveries {mark} featured {sent.featured:,}"
        f" + dead-lettered {sent.dead_lettered:,}; from sent to featured p50 {p50:.0f} ms, p99 {p99:.0f} ms"
    )
    if sent.late:
        console.print(f"[yellow]{sent.late} times not all was featured before the next questions")


def _outcomes(run: Run) -> Table:
    table = Table(title="first answers", box=box.SIMPLE, pad_edge=False)
    table.add_column("truth")
    for advice in ADVICES:
        table.add_column(advice, justify="right", no_wrap=True)
    counters = run.counters
    table.add_row("genuine", *(f"{counters.outcomes[advice, False]:,}" for advice in ADVICES))
    for kind in sorted({kind for kind, _ in counters.scenarios}):
        table.add_row(kind, *(f"{counters.scenarios[kind, advice]:,}" for advice in ADVICES))
    return table


def _shares(console: Console, values: dict[str, Any]) -> None:
    for what, (part, whole) in (
        ("fraud not simply let through", values["fraud_caught"]),
        ("genuine not simply let through", values["genuine_disturbed"]),
    ):
        if whole:
            console.print(f"{what}: {part:,} of {whole:,} ({part / whole:.1%})")


def _counts(title: str, counts: dict[str, int]) -> Table:
    table = Table(title=title, box=box.SIMPLE, pad_edge=False)
    table.add_column("code")
    table.add_column("times", justify="right")
    for code, count in counts.items():
        table.add_row(code, f"{count:,}")
    return table
