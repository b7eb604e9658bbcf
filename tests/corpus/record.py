"""Records the corpus: does every scenario and writes its steps, what came of each and the documents at its end.

    python -m tests.corpus.record [SCENARIO...]

Do it only when a contract changes on purpose: look first at what `test_replay.py` finds, and empty `reworded.py`
afterwards.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.corpus.recorded import DATA, Part, Played, Scenario, path_of, write
from tests.corpus.scenarios.bank import after_bank, bank
from tests.corpus.scenarios.command_line import after_command_line, command_line
from tests.corpus.scenarios.commands import after_commands, commands
from tests.corpus.scenarios.pushes import after_pushes, pushes
from tests.corpus.scenarios.questions import advice, after_advice
from tests.corpus.scenarios.steps import Steps
from tests.corpus.stage import Json, Stage, stage

SCENARIOS: Mapping[str, tuple[Callable[[], Steps], Callable[[Sequence[Json]], Steps]]] = {
    "advice": (advice, after_advice),
    "bank": (bank, after_bank),
    "command_line": (command_line, after_command_line),
    "commands": (commands, after_commands),
    "pushes": (pushes, after_pushes),
}
"""What begins with an empty store, and what goes on from what it left."""


def record(name: str) -> Scenario:
    """What the code of now makes of a scenario."""
    begin, go_on = SCENARIOS[name]
    with TemporaryDirectory() as directory:
        with stage(Path(directory) / "first", {}) as played:
            first = _part(played, begin())
        with stage(Path(directory) / "then", {}) as played:
            played.load(first.documents)
            then = _part(played, go_on([each.step for each in first.played]))
    return Scenario({}, first, then)


def _part(played: Stage, steps: Steps) -> Part:
    done: list[Played] = []
    step = next(steps, None)
    while step is not None:
        done.append(Played(step, played.do(step)))
        step = _next(steps, done[-1].came)
    return Part(done, played.documents())


def _next(steps: Steps, came: list[Json]) -> Json | None:
    try:
        return steps.send(came)
    except StopIteration:
        return None


def main(names: Iterable[str], data: Path = DATA) -> None:
    """Record `names`, all without any."""
    data.mkdir(exist_ok=True)
    for name in names or SCENARIOS:
        write(path_of(name, data), record(name))


if __name__ == "__main__":
    main(sys.argv[1:])
