"""How long a backtest takes to tell the features of a month of events, by as many processes as there are cores."""

import os
import time
from itertools import islice
from pathlib import Path

from bench.measurement import Measurement, informs, value_at_most
from jobs.backtest.command import events_of
from jobs.backtest.processes import most, offline_rows
from jobs.history.transaction_events import event
from local.replay.source import made_up
from shared.events.events import Event
from shared.privacy import Pseudonymiser

MONTH = 290_000
"""Events in a month of the Handbook's data."""

GOAL = 10.0
"""Seconds."""

_DATA = Path(os.environ.get("SLACKER_DATA", "../shared")) / "data" / "fraud" / "2018-04.csv.gz"
_MADE_UP = 100_000
_KEY = bytes(32)


def measure(_: float) -> list[Measurement]:
    """Seconds for a month's events, once through: reading and mapping them is not counted."""
    events, processes = _events(), most()
    started = time.perf_counter()
    with offline_rows(events, Pseudonymiser(_KEY, 1), processes) as vectors:
        rows = sum(1 for _ in vectors)
    seconds = time.perf_counter() - started
    rate, by = len(events) / seconds, f"{processes} processes" if processes > 1 else "one process"
    return [
        value_at_most("features_offline", round(seconds * MONTH / len(events), 2), "s", GOAL),
        informs("features_offline_rate", round(rate), f"events/s ({rows:,} vectors, {by})"),
    ]


def _events() -> list[Event]:
    if _DATA.exists():
        return list(events_of(_DATA))
    return [event(transaction) for transaction in islice(made_up(1, 2000).transactions, _MADE_UP)]
