"""One JSON object per line on standard output, as Cloud Logging reads it, and nothing personal in it.

Which fields a line may have, and the data class of each, is declared in `schemas/json/log_line.v1.json`. An
undeclared field is a programming error; a pseudonymous one is written as its token; a personal or secret one
is never written.
"""

import sys
import traceback
from typing import Any, BinaryIO, Literal

import msgspec

from shared import schema_files
from shared.clock import SYSTEM, Clock
from shared.errors import Misconfigured, SlackerError
from shared.privacy import ANNOTATION, DataClass, Pseudonymiser
from shared.trace import Trace

Severity = Literal["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL"]

_encode = msgspec.json.Encoder().encode


def _declared() -> dict[str, DataClass]:
    properties = schema_files.load("json/log_line.v1.json")["properties"]
    return {name: DataClass(schema[ANNOTATION]) for name, schema in properties.items()}


class Log:
    """Writes the lines of one function. `project` turns trace ids into links in Cloud Logging.

    While `tokens` is `None` a pseudonymous field reads `untokenised`.
    """

    def __init__(
        self,
        function: str,
        tokens: Pseudonymiser | None = None,
        project: str = "",
        stream: BinaryIO | None = None,
        clock: Clock = SYSTEM,
    ) -> None:
        self._function = function
        self._clock = clock
        self.tokens = tokens
        self._trace_prefix = f"projects/{project}/traces/" if project else ""
        self._stream = stream if stream is not None else sys.stdout.buffer
        self._classes = _declared()

    def write(self, kind: str, severity: Severity, trace: Trace | None, **fields: Any) -> None:
        """Write one line now, of a `kind` (`answer`, `decision`, `request_failed`…); raises `Misconfigured` for a field
        that is not declared.
        """
        line: dict[str, Any] = {
            "time": self._clock.now(),
            "severity": severity,
            "kind": kind,
            "function": self._function,
        }
        if trace is not None:
            line["logging.googleapis.com/trace"] = self._trace_prefix + trace.trace_id
            line["logging.googleapis.com/spanId"] = trace.span_id
        for name, value in fields.items():
            declared = self._classes.get(name)
            if declared is DataClass.NONE:
                line[name] = value
            elif declared is DataClass.PSEUDONYMOUS:
                line[name] = self._token(name, value)
            elif declared is None:
                raise Misconfigured(f"the log field {name} is not declared in schemas/json/log_line.v1.json")
        self._stream.write(_encode(line) + b"\n")
        self._stream.flush()

    def write_exception(self, kind: str, trace: Trace | None, error: BaseException, **fields: Any) -> None:
        """Log an exception: its type and where it was raised. Its text only if it is ours: others may quote inputs."""
        frames = traceback.extract_tb(error.__traceback__)[-5:]
        where = [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
        if isinstance(error, SlackerError):
            fields["reason"] = str(error)
        self.write(kind, "ERROR", trace, error=type(error).__name__, where=where, **fields)

    def _token(self, name: str, value: Any) -> str | None:
        if value is None:
            return None
        if self.tokens is None:
            return "untokenised"
        return self.tokens.token(name, str(value))
