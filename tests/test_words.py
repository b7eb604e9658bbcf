"""The words of the code: no name that says nothing, and every term of the glossary lives where it says.

A retired word is one that could mean anything (`docs/glossary.md` names each): as the name of a variable, a parameter,
an attribute or a function it sends the reader elsewhere to learn what it holds. In a sentence it is any other word.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
FOLDERS = ("functions", "shared", "cli", "local", "jobs", "bench", "release", "tests")

RETIRED = set(re.findall(r"`(\w+)`", GLOSSARY.partition("## Retired words")[2].partition("Beside these")[0]))
"""As the glossary lists them: lower-case words as whole names, words in capitals as a part of a constant's name."""

TERM = re.compile(r"^\| (?P<term>[^|]+) \| (?P<meaning>[^|]+) \| (?P<paths>[^|]+) \|$", re.MULTILINE)


def bound_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that a module binds, with its line: variables, parameters, attributes, functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno


def is_retired(name: str) -> bool:
    bare = name.strip("_")
    return bare in RETIRED if not bare.isupper() else not RETIRED.isdisjoint(bare.split("_"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_name_is_a_retired_word(folder: str) -> None:
    retired = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name, line in bound_names(ast.parse(path.read_text()))
        if is_retired(name)
    ]
    assert retired == []


def test_the_lint_knows_a_retired_name_when_it_sees_one() -> None:
    source = "def f(told):\n    _found = held.x = 1\n    MOST_ROWS = 2\n    found_rows = 3\n"
    names = {name for name, _ in bound_names(ast.parse(source)) if is_retired(name)}
    assert names == {"_found", "MOST_ROWS", "told"}


TERMS = [match for match in TERM.finditer(GLOSSARY) if match["term"] not in {"term", "---"}]


@pytest.mark.parametrize("row", TERMS, ids=lambda row: row["term"])
def test_a_term_has_one_sentence_and_lives_where_it_says(row: re.Match[str]) -> None:
    paths = re.findall(r"`([^`]+)`", row["paths"])
    assert paths != []
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert re.fullmatch(r"[^.]+(\.\w[^.]*)*\.", row["meaning"]), "one sentence"


def test_the_terms_stand_in_alphabetical_order_each_once() -> None:
    names = [row["term"].lower() for row in TERMS]
    assert names == sorted(set(names))
