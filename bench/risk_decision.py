"""How many decisions a core makes in a second, and how late the slowest are, against functions that do nothing else."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import uvloop

from bench import comparison, emulator, servers, targets
from bench.measurement import Measurement, ratio_at_least, ratio_at_most
from bench.servers import Function

RATE_GOAL = 0.6
P99_GOAL = 2.0


def measure(seconds: float) -> list[Measurement]:
    """In memory against an empty function; on SQLite and on Firestore's emulator against the bare calls."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        uvloop.run(targets.prepare(state))
        measured = list(_compare("", _nothing(), targets.risk_decision(state, "memory"), seconds))
        measured += _compare("_sqlite", _sqlite(state), targets.risk_decision(state), seconds)
        if emulator.installed():
            with emulator.filled(state) as address:
                subject = targets.risk_decision(state, address)
                measured += _compare("_firestore", _firestore(state, address), subject, seconds)
        return measured


def _nothing() -> Function:
    return targets.empty("answering", targets.risk_requests())


def _sqlite(state: Path) -> Function:
    file = str(state / "documents.sqlite")
    return targets.empty("sqlite_calls", targets.risk_requests(), {"SLACKER_BENCH_FILE": file})


def _firestore(state: Path, address: str) -> Function:
    environment = {"SLACKER_BENCH_DOCUMENTS": address, "SLACKER_BENCH_READS": ",".join(targets.feature_names(state))}
    return targets.empty("firestore_calls", targets.risk_requests(), environment)


def _compare(store: str, floor: Function, subject: Function, seconds: float) -> Iterator[Measurement]:
    with ExitStack() as running:
        ports = [running.enter_context(servers.serve(function)).port for function in (floor, subject)]
        sides = (comparison.Side(ports[0], floor), comparison.Side(ports[1], subject))
        pair = comparison.alternate(*sides, seconds)
    yield ratio_at_least(f"risk_decision_rate{store}", *pair.rates(), "requests/s", RATE_GOAL)
    yield ratio_at_most(f"risk_decision_p99{store}", *pair.p99s(), "ms", P99_GOAL)
