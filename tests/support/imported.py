"""What a file imports, and all of ours that it reaches by that."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
OURS = ("functions", "shared", "cli", "local", "jobs", "bench", "release", "tests")


@cache
def imported_by(path: Path) -> frozenset[str]:
    """The dotted names that a file imports at run time, anywhere in it; relative imports made absolute."""
    return frozenset(_imports(ast.parse(path.read_text(), str(path)), path.relative_to(ROOT).parent.parts))


def reached_from(paths: Iterable[Path]) -> set[Path]:
    """`paths`, and the files of ours that they import, and those that these import, and so on."""
    waiting = list(paths)
    reached = set(waiting)
    while waiting:
        for name in imported_by(waiting.pop()):
            path = _file_of(name)
            if path is not None and path not in reached:
                reached.add(path)
                waiting.append(path)
    return reached


def _imports(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parents = package[: len(package) - node.level + 1] if node.level else ()
        base = ".".join([*parents, *([node.module] if node.module else [])])
        yield from (f"{base}.{alias.name}" for alias in node.names)
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, package)


def _file_of(name: str) -> Path | None:
    """The file of ours that a dotted name is, or is something of."""
    parts = name.split(".")
    if parts[0] not in OURS:
        return None
    paths = (ROOT.joinpath(*some).with_suffix(".py") for some in (parts, parts[:-1]) if some)
    return next((path for path in paths if path.is_file()), None)
