"""How long a new instance takes to its first answer, against an empty function that imports the same packages."""

import compileall
import statistics
import tempfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import uvloop

from bench import servers, targets
from bench.measurement import Measurement, ratio_at_most
from bench.servers import Function

GOAL = 1.3
ROUNDS = 7


def measure(_: float) -> list[Measurement]:
    """Each function on a state directory that a stack has left, from bytecode, as Google's buildpack leaves it."""
    for folder in ("functions", "shared"):
        compileall.compile_dir(servers.ROOT / folder, quiet=1)
    with tempfile.TemporaryDirectory() as folder, servers.serve(targets.empty("metadata", _ignored())) as metadata:
        state = Path(folder)
        uvloop.run(targets.prepare(state))
        risk_decision = targets.risk_decision(state)
        with servers.serve(risk_decision) as deciding:
            advice = targets.advice(state, "before_answer", deciding.port, metadata.port)
            return [_compare(function) for function in (advice, risk_decision)]


def _compare(function: Function) -> Measurement:
    with servers.serve(function, "-X", "importtime") as probed:
        imported = sorted(_third_party(probed.printed()))
    empty = targets.empty("importing", _ignored(), {"SLACKER_BENCH_IMPORTS": ",".join(imported)})
    floors: list[float] = []
    values: list[float] = []
    for _ in range(ROUNDS):
        for candidate, seconds in ((empty, floors), (function, values)):
            with servers.serve(candidate) as served:
                seconds.append(served.first_answer * 1000)
    value, floor = statistics.median(values), statistics.median(floors)
    return ratio_at_most(f"cold_start_{function.target}", value, floor, "ms", GOAL)


def _third_party(import_times: str) -> Iterator[str]:
    """The modules of installed packages in what `-X importtime` printed: `import time: self | cumulative | name`."""
    installed = packages_distributions()
    for line in import_times.splitlines():
        if line.startswith("import time:"):
            module = line.rpartition("|")[2].strip()
            if module.partition(".")[0] in installed:
                yield module


def _ignored() -> Iterator[bytes]:
    return targets.risk_requests()
