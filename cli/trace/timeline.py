"""The story of one operation: every line that the functions logged about it, by trace and in order of time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from shared.times import shifted, span

MAX_TRACES = 50
"""Requests about one operation that are told, the latest ones; a person reads no more."""

_TRACE = "logging.googleapis.com/trace"
_TOLD_APART = {"time", "severity", "kind", "function", "operation_id", _TRACE, "logging.googleapis.com/spanId"}


@dataclass(frozen=True, slots=True)
class Line:
    """One log line. `fields` are those beside time, severity, kind and function."""

    at: datetime
    severity: str
    kind: str
    function: str
    trace_id: str
    operation_id: str | None
    fields: Mapping[str, Any]

    @property
    def began(self) -> datetime:
        """The start of what the line reports: its time, less its `took_ms` if it has one."""
        took = self.fields.get("took_ms")
        return shifted(self.at, span(-took / 1000)) if isinstance(took, int | float) and 0 <= took < 1e9 else self.at


class Lines(Protocol):
    """Where log lines are kept. Both raise `Unavailable` or `DeadlineExceeded`, and give what they can of broken
    lines.
    """

    def of_operation(self, operation_id: str) -> list[Line]:
        """The lines that name this operation, in any order."""
        ...

    def of_traces(self, trace_ids: Sequence[str]) -> list[Line]:
        """All lines of these traces, in any order."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What happened under one trace id: the bank's one request, through all functions, in order of beginning."""

    trace_id: str
    lines: Sequence[Line]


def tell(operation_id: str, lines: Lines) -> list[Request]:
    """Each request about the operation, the oldest first; lines of its trace about other operations are left
    out.
    """
    named = lines.of_operation(operation_id)
    latest = sorted(named, key=lambda line: line.at)
    trace_ids = list(dict.fromkeys(line.trace_id for line in reversed(latest) if line.trace_id))[:MAX_TRACES]
    together = {_identity(line): line for line in (*named, *(lines.of_traces(trace_ids) if trace_ids else ()))}
    ours = [line for line in together.values() if line.operation_id in (None, operation_id)]
    requests = [Request(trace_id, _of(trace_id, ours)) for trace_id in [*trace_ids, ""]]
    return sorted((request for request in requests if request.lines), key=lambda request: request.lines[0].began)


def line_of(logged: Mapping[str, Any]) -> Line | None:
    """The line in a JSON object as `shared.runtime.log` writes it, `None` for what is no such line."""
    try:
        at = datetime.fromisoformat(logged["time"])
        kind, function = logged["kind"], logged["function"]
    except (KeyError, TypeError, ValueError):
        return None
    if at.tzinfo is None or not isinstance(kind, str) or not isinstance(function, str):
        return None
    operation_id = logged.get("operation_id")
    return Line(
        at,
        str(logged.get("severity", "DEFAULT")),
        kind,
        function,
        str(logged.get(_TRACE, "")).rpartition("/")[2],
        operation_id if isinstance(operation_id, str) else None,
        {name: value for name, value in logged.items() if name not in _TOLD_APART},
    )


def _of(trace_id: str, lines: Iterable[Line]) -> list[Line]:
    return sorted((line for line in lines if line.trace_id == trace_id), key=lambda line: (line.began, line.at))


def _identity(line: Line) -> tuple[object, ...]:
    return line.at, line.function, line.kind, line.trace_id, line.operation_id, repr(sorted(line.fields.items()))
