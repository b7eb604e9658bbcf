"""The audit's lines in the log files of a local stack: stands in for `shared/gcp/cloud_audit_lines.py`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.deadline import Deadline
from shared.embedded.log_files import parsed, raw_lines
from shared.errors import DeadlineExceeded

_NEEDLE = b'"kind":"audit'


class FileAuditLines:
    """Implements `shared.audit.anchors.AuditLines` over the files `{function}.jsonl` of a directory."""

    def __init__(self, directory: Path, functions: Sequence[str]) -> None:
        self._paths = [directory / f"{function}.jsonl" for function in functions]

    async def between(self, first: int, last: int, deadline: Deadline) -> Sequence[Mapping[str, Any]]:
        """See the port."""
        if deadline.passed():
            raise DeadlineExceeded("no time was left to read the log")
        lines = (parsed(raw) for raw in raw_lines(self._paths) if _NEEDLE in raw)
        return [line for line in lines if line is not None and first <= _sequence(line) <= last]


def _sequence(line: Mapping[str, Any]) -> int:
    sequence = line.get("sequence")
    return sequence if isinstance(sequence, int) else -1
