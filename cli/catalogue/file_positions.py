"""Problems with their position in the file: `rules.yaml:42:15`, inside an expression too."""

import re
from collections.abc import Iterable

from shared.catalogue.yaml_files import Positioned
from shared.errors import Invalid, Problem

_INSIDE = re.compile(r"(?P<rule>rule '[^']*'), (?P<line>\d+):(?P<column>\d+): (?P<message>.*)", re.DOTALL)


def placed(error: Invalid, file: Positioned) -> Invalid:
    """The same problems, their fields being positions in `file` instead of JSON pointers into its content."""
    return type(error)(*placed_problems(error.problems, file))


def placed_problems(problems: Iterable[Problem], file: Positioned) -> tuple[Problem, ...]:
    """The same of problems, or warnings, that nobody raised."""
    return tuple(_placed(problem, file) for problem in problems)


def _absent(pointer: str, file: Positioned) -> str:
    """The part of `pointer` that the file does not have, as a prefix of the message; empty if it has all."""
    around = pointer
    while around not in file.positions:
        around = around.rpartition("/")[0]
    rest = pointer[len(around) + 1 :]
    return f"{rest}: " if rest else ""


def _placed(problem: Problem, file: Positioned) -> Problem:
    inside = _INSIDE.fullmatch(problem.message)
    if inside is None:
        return Problem(file.position(problem.field), f"{_absent(problem.field, file)}{problem.message}")
    position = file.position_inside(problem.field, int(inside["line"]), int(inside["column"]))
    if position is None:
        return Problem(file.position(problem.field), problem.message)
    return Problem(position, f"{inside['rule']}: {inside['message']}")
