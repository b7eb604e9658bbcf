"""What of this tree one deployed function needs, and the zip it travels in: the same tree always gives the same bytes.

The function's folder lies at the root, `shared/` and `schemas/` beside it, all as plain source. Nothing of a file but
its path and content goes in, so neither clocks nor modes nor the order of a directory show. The name carries the hash:
an unchanged function keeps its name and is not deployed again. Members are stored, not deflated, because compressed
bytes depend on the machine's zlib and would deploy everything again from another machine.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHARED_FOLDERS = ("shared", "schemas")

_LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
_MODE = 0o100644 << 16  # a regular file, readable by all; nothing in here is executed by name
_HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class FunctionZip:
    """The zip of one function: `digest` is the SHA-256 of `content` in hexadecimal."""

    function: str
    digest: str
    content: bytes
    files: int

    @property
    def filename(self) -> str:
        """`NAME-<first digits of the digest>.zip`."""
        return f"{self.function}-{self.digest[:_HASH_DIGITS]}.zip"


def functions(root: Path) -> list[str]:
    """The names of the functions of the tree at `root`, sorted."""
    return sorted(path.parent.name for path in root.glob("functions/*/main.py"))


def build(root: Path, function: str) -> FunctionZip:
    """The zip of one function of the tree at `root`."""
    sources = dict(_members(root, function))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(sources):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, wherever this runs: it decides how the mode is read
            entry.external_attr = _MODE
            archive.writestr(entry, sources[name].read_bytes(), zipfile.ZIP_STORED)
    content = buffer.getvalue()
    return FunctionZip(function, hashlib.sha256(content).hexdigest(), content, len(sources))


def write(root: Path, target: Path) -> list[FunctionZip]:
    """Build every function's zip into `target`, removing older zips of the same functions."""
    target.mkdir(parents=True, exist_ok=True)
    built = [build(root, function) for function in functions(root)]
    for zipped in built:
        for stale in target.glob(f"{zipped.function}-*.zip"):
            stale.unlink()
        (target / zipped.filename).write_bytes(zipped.content)
    return built


def _members(root: Path, function: str) -> Iterator[tuple[str, Path]]:
    """Each member's name in the zip and its source."""
    folder = root / "functions" / function
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name != "__init__.py":  # the folder is a package here, and the root of the zip there
            yield name, path
    for shared in SHARED_FOLDERS:
        for path in _files(root / shared):
            yield path.relative_to(root).as_posix(), path


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") or part in _LEFT_OUT for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.suffix != ".pyc":
            yield path
