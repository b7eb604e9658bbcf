"""The audit's lines in the log files of a local stack: stands in for `shared/gcp/cloud_audit_lines.py`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Unavailable

_NEEDLE = b'"kind":"audit'


class FileAuditLines:
    """Implements `shared.audit.anchors.AuditLines` over the files `{function}.jsonl` of a directory."""

    def __init__(self, directory: Path, functions: Sequence[str]) -> None:
        self._paths = [directory / f"{function}.jsonl" for function in functions]

    async def between(self, first: int, last: int, deadline: Deadline) -> Sequence[Mapping[str, Any]]:
        """See the port."""
        if deadline.passed():
            raise DeadlineExceeded("no time was left to read the log")
        return [line for line in self._lines() if first <= _sequence(line) <= last]

    def _lines(self) -> Iterator[dict[str, Any]]:
        for path in self._paths:
            try:
                with path.open("rb") as lines:
                    for raw in lines:
                        if _NEEDLE in raw and (line := _parsed(raw)) is not None:
                            yield line
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def _parsed(raw: bytes) -> dict[str, Any] | None:
    """The line in `raw`; `None` where it is incomplete."""
    try:
        line = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return line if isinstance(line, dict) else None


def _sequence(line: Mapping[str, Any]) -> int:
    sequence = line.get("sequence")
    return sequence if isinstance(sequence, int) else -1
