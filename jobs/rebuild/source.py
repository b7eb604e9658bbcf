"""Where archived files are: a folder of this machine, or a bucket; a reader takes them one at a time."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from shared.errors import NotFound
from shared.messaging.archive import SUFFIX


@dataclass(frozen=True, slots=True, order=True)
class File:
    """One archived file: its name within the source, and its size in bytes."""

    name: str
    size: int


class Source(Protocol):
    """The files of an archive."""

    def files(self) -> Sequence[File]:
        """All finished files, in order of name. Raises `NotFound` where there is no such place, `Unavailable`."""
        ...

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """The bytes of a file. Raises `NotFound`, `Unavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """The files in a folder and the folders below it."""

    path: Path

    def files(self) -> Sequence[File]:
        """See the port."""
        if not self.path.is_dir():
            raise NotFound(f"there is no folder {self.path}")
        paths = self.path.rglob(f"*{SUFFIX}")
        return sorted(File(path.relative_to(self.path).as_posix(), path.stat().st_size) for path in paths)

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """See the port."""
        try:
            return (self.path / name).open("rb")
        except FileNotFoundError as error:
            raise NotFound(f"the archived file {name} is gone") from error
