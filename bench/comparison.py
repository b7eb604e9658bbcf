"""A target beside its floor: both run at once, loaded in turns, so that other work of the machine affects both."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from bench import load, servers
from bench.load import Load
from bench.servers import Function

CONNECTIONS = 8
ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: where it listens, and what is asked and expected of it."""

    port: int
    function: Function


@dataclass(frozen=True, slots=True)
class Pair:
    """The rounds of both sides."""

    floor: list[Load]
    subject: list[Load]

    def rates(self) -> tuple[float, float]:
        """Requests per second of subject and floor, each the median of its rounds."""
        return _median(load.rate for load in self.subject), _median(load.rate for load in self.floor)

    def p99s(self) -> tuple[float, float]:
        """The 99th percentile in milliseconds of subject and floor, each the median of its rounds."""
        return (
            _median(load.percentile(0.99) * 1000 for load in self.subject),
            _median(load.percentile(0.99) * 1000 for load in self.floor),
        )


def alternate(floor: Side, subject: Side, seconds: float, connections: int = CONNECTIONS) -> Pair:
    """Load floor and subject in turns for `seconds` altogether, over so many connections.

    Raises `RuntimeError` if any answer was not as expected.
    """
    pair = Pair([], [])
    with servers.on_core(servers.cores()[1]):
        for side, _ in ((floor, pair.floor), (subject, pair.subject)):
            _load(side, min(0.5, seconds / ROUNDS), connections)  # warm caches and connections to the store
        for _ in range(ROUNDS):
            for side, loads in ((floor, pair.floor), (subject, pair.subject)):
                loads.append(_load(side, seconds / ROUNDS / 2, connections))
    return pair


def _load(side: Side, seconds: float, connections: int) -> Load:
    function = side.function
    result = load.run(
        side.port, function.requests, connections=connections, seconds=seconds, expected=function.expected
    )
    if result.failed:
        summary = f"{len(result.failed)} of {len(result.latencies)} answers of {function.target} were not as expected"
        raise RuntimeError(f"{summary}, the first:\n{result.failed[0].decode(errors='replace')}")
    return result


def _median(values: Iterator[float]) -> float:
    return statistics.median(values)
