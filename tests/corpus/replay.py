"""Does a recorded scenario again and says where the code of now differs from what was recorded."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tests.corpus.recorded import Part, path_of, read
from tests.corpus.reworded import FIELDS, LOGGED, REWORDED
from tests.corpus.stage import Json, Stage, stage


class Difference(msgspec.Struct, frozen=True):
    """`at` says where in an answer or document of which step; `recorded` and `now` what is there."""

    step: str
    at: str
    recorded: Any
    now: Any


def differences(name: str, directory: Path, *, states: bool = False) -> list[Difference]:
    """The differences of a scenario from an empty store; with `states`, from the documents it was recorded to leave."""
    scenario = read(path_of(name))
    part = scenario.then if states else scenario.first
    with stage(directory / "state", scenario.environ) as played:
        if states:
            played.load(scenario.first.documents)
        differing = _compared(played, part)
        left = reworded(played.documents()) if states else played.documents()  # what was loaded may be as it was
    _compare("the end", "", reworded(part.documents), left, differing.append)
    return differing


def _compared(played: Stage, part: Part) -> list[Difference]:
    differences: list[Difference] = []
    for number, each in enumerate(part.played):
        now = played.do(each.step)
        was, is_now = ([_in_order(came) for came in answers] for answers in (reworded(each.came), now))
        _compare(f"{number} {_named(each.step)}", "", was, is_now, differences.append)
    return differences


def _in_order(came: Json) -> Json:
    """An answer whose log lines stand by kind of work: scheduled work does them at once, and promises no order. What is
    new in the log is left out.
    """
    lines = [_without_new(line) for line in came.get("log", ()) if LOGGED.get(line.get("kind")) != ()]
    return {**came, "log": sorted(lines, key=lambda line: str(line.get("work", "")))}


def _without_new(line: Json) -> Json:
    new = LOGGED.get(line.get("kind", ""), ())
    return {name: value for name, value in line.items() if name not in new}


def reworded(recorded: Any, rewordings: Sequence[tuple[str, str]] = REWORDED) -> Any:
    """What was recorded, with the texts of now."""
    match recorded:
        case str():
            for old, new in rewordings:
                recorded = recorded.replace(old, new)
            return recorded
        case list():
            if all(isinstance(each, str) for each in recorded):
                recorded = FIELDS.get(tuple(recorded), recorded)
            return [reworded(each, rewordings) for each in recorded]
        case dict():
            return {name: reworded(each, rewordings) for name, each in recorded.items()}
    return recorded


def _compare(step: str, at: str, recorded: Any, now: Any, tell: Callable[[Difference], None]) -> None:
    if isinstance(recorded, dict) and isinstance(now, dict):
        for name in sorted(recorded.keys() | now.keys()):
            _compare(step, f"{at}/{name}", recorded.get(name), now.get(name), tell)
    elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        for number, (one, other) in enumerate(zip(recorded, now, strict=True)):
            _compare(step, f"{at}/{number}", one, other, tell)
    elif recorded != now:
        tell(Difference(step, at, recorded, now))


def _named(step: Mapping[str, Any]) -> str:
    return " ".join(str(step[name]) for name in ("do", "to", "method", "path", "topic", "arguments") if name in step)
