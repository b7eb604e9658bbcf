"""A progress bar on standard error if that is a terminal, and nothing otherwise."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar."""

    _progress: Progress
    _task: TaskID

    def advance(self, by: int) -> None:
        """Count `by` more as done."""
        self._progress.advance(self._task, by)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Bar]:
    """A bar for `what`, up to `total` if that is known."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as display:
        yield Bar(display, display.add_task(what, total=total))
