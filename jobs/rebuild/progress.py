"""The progress of a rebuild: one small file that is replaced whole, beside the partitions.

A partition that was being folded when the process ended is folded again, and changes nothing that it had changed.
"""

from datetime import datetime
from pathlib import Path

import msgspec

from jobs.rebuild.report import Report
from shared.errors import Malformed, Misconfigured, Problem
from shared.json_value import NO_JSON


class Progress(msgspec.Struct):
    """What is kept between two runs: `read` are the archive's files that are sorted, `sizes` those of the partitions
    then; with `sorted` there is only folding left, of those not in `folded`. `newest` is the newest transaction's time.
    """

    archive: str
    shards: int
    read: set[str] = set()
    sizes: dict[str, int] = {}
    sorted: bool = False
    folded: set[str] = set()
    newest: datetime | None = None
    report: Report = msgspec.field(default_factory=Report)


class Workplace:
    """The folder that a rebuild works in."""

    def __init__(self, folder: Path) -> None:
        self.partitions = folder / "partitions"
        self._file = folder / "progress.json"

    def is_one(self) -> bool:
        """Whether the folder holds the progress of a rebuild."""
        return self._file.exists()

    def load(self, archive: str) -> Progress | None:
        """What an earlier run left; raises `Misconfigured` if that was another archive's, `Malformed`."""
        try:
            saved = msgspec.json.decode(self._file.read_bytes(), type=Progress)
        except FileNotFoundError:
            return None
        except NO_JSON as error:
            raise Malformed(Problem(str(self._file), "the progress of a rebuild expected")) from error
        if saved.archive != archive:
            raise Misconfigured(f"{self._file.parent} belongs to the rebuild of {saved.archive}: choose another --work")
        return saved

    def save(self, progress: Progress) -> None:
        """Replace the saved progress, atomically."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(progress))
        new.replace(self._file)
