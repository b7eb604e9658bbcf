"""What a person sees while the demo runs: a table that stays in place on a terminal, plain lines anywhere else."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.report.counters import Counters

_EVERY = 0.25
_EVERY_LINE = 5.0
ADVICES = ("APPROVE", "STEPUP_NEEDED", "MANUAL_APPROVAL_NEEDED", "REJECT")


class LiveView:
    """Shows the counters as they grow. `total` is how many transactions there will be, `None` if unknown."""

    def __init__(self, console: Console, total: int | None) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("asking"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        )
        self._task = self._progress.add_task("asking", total=total)
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        self._updated_at = 0.0
        self._last_answered = 0

    def __enter__(self) -> Self:
        self._updated_at = time.monotonic()
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, counters: Counters) -> None:
        """Show how far it is, if it is time to."""
        now = time.monotonic()
        since = now - self._updated_at
        if since < (_EVERY if self._live is not None else _EVERY_LINE):
            return
        rate = (counters.answered - self._last_answered) / since
        self._updated_at, self._last_answered = now, counters.answered
        if self._live is None:
            self._console.print(_line(counters, rate), soft_wrap=True)
            return
        self._progress.update(self._task, completed=counters.transactions)
        self._live.update(Group(self._progress, _table(counters, rate)))


def _recent(counters: Counters) -> tuple[float, float]:
    """The 50th and 99th percentile of the last two thousand answers, in milliseconds."""
    recent = sorted(counters.seconds[-2000:]) or [0.0]
    return recent[len(recent) // 2] * 1000, recent[min(len(recent) - 1, len(recent) * 99 // 100)] * 1000


def _table(counters: Counters, rate: float) -> Table:
    p50, p99 = _recent(counters)
    table = Table.grid(padding=(0, 2))
    table.add_row("answers/s", f"{rate:,.0f}", "p50", f"{p50:.1f} ms", "p99", f"{p99:.1f} ms")
    for advice in ADVICES:
        genuine, fraud = counters.outcomes[advice, False], counters.outcomes[advice, True]
        table.add_row(advice, f"{genuine + fraud:,}", "genuine", f"{genuine:,}", "fraud", f"{fraud:,}")
    table.add_row("declared answers", f"{counters.decided_by['declared']:,}", "asked again", f"{counters.retried:,}")
    return table


def _line(counters: Counters, rate: float) -> str:
    p50, p99 = _recent(counters)
    outcomes = ", ".join(
        f"{advice} {counters.outcomes[advice, False] + counters.outcomes[advice, True]}" for advice in ADVICES
    )
    declared = counters.decided_by["declared"]
    return (
        f"{counters.answered} answers, {rate:.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms;"
        f" {outcomes}; {declared} declared"
    )
