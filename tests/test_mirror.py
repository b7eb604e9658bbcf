"""`tests/` mirrors the code: a module that decides something has `test_<module>.py` in the same place below `tests/`.

A module that is a part of something, and tested through it, stands in `tests/support/covered_by.py` instead. A line
there goes when the module has its own test, moves or goes, and the suite that it stands under has to reach it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.covered_by import COVERED_BY, PROGRAMS
from tests.support.imported import ROOT, reached_from

PACKAGES = ("shared", "functions", "cli", "jobs", "local")

WITHOUT = {
    "__init__.py": "is empty",
    "__main__.py": "names the program that is started",
    "main.py": "puts a function together, or the commands of a program: tests call it as its users do",
    "log_lines.py": "makes lines of the log, which the suites of the function read",
}
"""Files that need no test of their own, by name, for what they do."""

DECISIONS = (
    *(ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match, ast.Raise, ast.BoolOp, ast.Compare),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
"""What makes a function more than a declaration: it chooses, repeats or refuses."""

BY_HAND = {"local/kafka/lock.py": "Maven writes the lock, where a jar changes; tests/local/kafka/test_jars.py reads it"}
"""What no suite can run, and why."""


def modules() -> Iterator[Path]:
    """Every module of the packages that decides something."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.name not in WITHOUT and decides(path):
                yield path


def decides(path: Path) -> bool:
    """Whether a function in the file does more than declare."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)]
    return any(
        isinstance(node, DECISIONS) for statement in functions for line in statement.body for node in ast.walk(line)
    )


def mirrored(path: Path) -> Path:
    """Where the test of a module lies."""
    return ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name}"


def name(path: Path) -> str:
    """A path as the tables write it."""
    return path.relative_to(ROOT).as_posix()


def test_every_module_that_decides_something_has_a_test_in_the_mirrored_place_or_is_covered_as_a_part() -> None:
    covered = sorted(module for modules in COVERED_BY.values() for module in modules)
    assert sorted(name(path) for path in modules() if not mirrored(path).exists()) == sorted([*covered, *BY_HAND])


@pytest.mark.parametrize("suite", COVERED_BY)
def test_a_suite_reaches_the_modules_that_it_covers(suite: str) -> None:
    fixtures = [folder / "conftest.py" for folder in (ROOT / suite).parents if (folder / "conftest.py").exists()]
    reached = reached_from([ROOT / suite, *fixtures, *(ROOT / program for program in PROGRAMS.get(suite, ()))])
    assert [module for module in COVERED_BY[suite] if ROOT / module not in reached] == []
