"""The two places where log lines are kept: files of the local stack, and Cloud Logging."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cli.session import PATIENCE, Session
from cli.trace.timeline import Line, Lines, line_of
from shared.deadline import Deadline
from shared.embedded.log_files import parsed, raw_lines
from shared.gcp.cloud_logging import CloudLogging

MAX_LINES = 5_000
"""Lines read of one story; an operation has some five, and a client that asks without end is no story."""

DAYS = 30
"""How far back is looked in the cloud unless said otherwise: what its default log bucket keeps."""

_TRACES_AT_ONCE = 20  # a filter has at most 20,000 characters


def opened(session: Session, days: int = DAYS) -> Lines:
    """Where the functions of the session's backend log to, in the cloud the last `days`."""
    if not session.on_google_cloud:
        return FileLines(session.settings.state / "logs")
    return CloudLines(session.cloud_logging(), session.now() - timedelta(days=days), Deadline.after(PATIENCE))


@dataclass(frozen=True, slots=True)
class FileLines:
    """The `*.jsonl` files of a directory, one a function. Implements `cli.trace.timeline.Lines`."""

    directory: Path

    def of_operation(self, operation_id: str) -> list[Line]:
        """See the port."""
        return self._lines([operation_id], lambda line: line.operation_id == operation_id)

    def of_traces(self, trace_ids: Sequence[str]) -> list[Line]:
        """See the port."""
        traces = set(trace_ids)
        return self._lines(trace_ids, lambda line: line.trace_id in traces)

    def _lines(self, words: Sequence[str], belongs: Callable[[Line], bool]) -> list[Line]:
        needles = [json.dumps(word)[1:-1].encode() for word in words]
        lines = []
        for raw in raw_lines(sorted(self.directory.glob("*.jsonl"))):
            if any(needle in raw for needle in needles):
                logged = parsed(raw)
                line = line_of(logged) if logged is not None else None
                if line is not None and belongs(line):
                    lines.append(line)
                    if len(lines) == MAX_LINES:
                        break
        return lines


@dataclass(frozen=True, slots=True)
class CloudLines:
    """Cloud Logging, from `since` on. Implements `cli.trace.timeline.Lines`."""

    logging: CloudLogging
    since: datetime
    deadline: Deadline

    def of_operation(self, operation_id: str) -> list[Line]:
        """See the port."""
        return self._lines(f"jsonPayload.operation_id={json.dumps(operation_id)}", self.since)

    def of_traces(self, trace_ids: Sequence[str]) -> list[Line]:
        """See the port."""
        groups = [trace_ids[start : start + _TRACES_AT_ONCE] for start in range(0, len(trace_ids), _TRACES_AT_ONCE)]
        names = (
            [json.dumps(f"projects/{self.logging.project}/traces/{trace_id}") for trace_id in group] for group in groups
        )
        since = self.since - timedelta(minutes=10)  # a story that was under way
        return [line for group in names for line in self._lines(f"trace=({' OR '.join(group)})", since)]

    def _lines(self, filter_: str, since: datetime) -> list[Line]:
        whole = f'{filter_} AND timestamp>="{since.isoformat()}"'
        entries = self.logging.entries(whole, self.deadline, MAX_LINES)
        return [line for entry in entries if (line := line_of(_logged(entry))) is not None]


def _logged(entry: dict[str, Any]) -> dict[str, Any]:
    """What was logged, before Cloud Logging moved the fields it knows into the entry."""
    payload = entry.get("jsonPayload")
    moved = {
        "time": entry.get("timestamp"),
        "severity": entry.get("severity", "DEFAULT"),
        "logging.googleapis.com/trace": entry.get("trace", ""),
        "logging.googleapis.com/spanId": entry.get("spanId", ""),
    }
    return {**(payload if isinstance(payload, dict) else {}), **moved}
