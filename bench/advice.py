"""How late the slowest answers of `advice` are, with `risk_decision` behind it, against two empty hops."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import uvloop

from bench import comparison, servers, targets
from bench.measurement import Measurement, ratio_at_most

P99_GOAL = 1.3

CONNECTIONS = 1
"""A latency, not a queue: with more, three processes on one core wait for each other, and that is what is measured."""


def measure(seconds: float) -> list[Measurement]:
    """With the record of each answer, on SQLite, and without."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        uvloop.run(targets.prepare(state))
        return [
            _compare("advice_p99", state, "before_answer", seconds),
            _compare("advice_p99_unrecorded", state, "none", seconds),
        ]


def _compare(name: str, state: Path, record: str, seconds: float) -> Measurement:
    with ExitStack() as running:

        def port(function: servers.Function) -> int:
            return running.enter_context(servers.serve(function)).port

        empty = port(targets.empty("answering", targets.risk_requests()))
        following = {"SLACKER_BENCH_NEXT": f"http://127.0.0.1:{empty}/"}
        floor = targets.empty("calling", targets.risk_requests(), following)
        deciding = port(targets.risk_decision(state))
        metadata = port(targets.empty("metadata", targets.risk_requests()))
        subject = targets.advice(state, record, deciding, metadata)
        pair = comparison.alternate(
            comparison.Side(port(floor), floor), comparison.Side(port(subject), subject), seconds, CONNECTIONS
        )
    return ratio_at_most(name, *pair.p99s(), "ms", P99_GOAL)
