"""The decision log as it comes back on the topic `decisions`: of every answer that was given, an attempt is remembered.

A log sink sends each line as the JSON of a `LogEntry` with the line in `jsonPayload`
(https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry); on one machine the line comes as it was written.
"""

import re
from datetime import datetime
from typing import Annotated

import msgspec

from shared.advice import Advice
from shared.errors import Malformed, Problem
from shared.events.events import AdviceGiven
from shared.ids import OperationRef
from shared.json_value import NO_JSON
from shared.times import in_utc

_TOKEN = re.compile(r"t\d+_[0-9a-f]{32}")
_SANDBOX = "sandbox"


class _Line(msgspec.Struct, frozen=True, gc=False):
    kind: str = ""
    operation: str = ""
    operation_id: str = ""
    attempt: int = 1
    client: str | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    advice: str = ""
    decided_by: str = ""


class _Entry(msgspec.Struct, rename="camel", frozen=True, gc=False):
    json_payload: _Line | None = None


_entry = msgspec.json.Decoder(_Entry).decode
_line = msgspec.json.Decoder(_Line).decode


def parse_decision(data: bytes) -> AdviceGiven | None:
    """The attempt that a line tells of; `None` for another line, one of the sandbox, or one that names no client.

    An answer given again, and the risk function's own line, tell of an attempt that is known. Raises `Malformed`.
    """
    try:
        line = _entry(data).json_payload or _line(data)
    except msgspec.ValidationError as error:
        raise Malformed(Problem("jsonPayload", str(error))) from error
    except NO_JSON as error:
        raise Malformed(Problem("", "a line of the log in JSON expected")) from error
    if line.kind != "answer" or line.decided_by == _SANDBOX or not _TOKEN.fullmatch(line.client or ""):
        return None
    if line.at is None or line.client is None:
        raise Malformed(Problem("at", "the time of the answer expected"))
    try:
        at = in_utc(line.at)
    except ValueError as error:
        raise Malformed(Problem("at", str(error))) from error
    name = OperationRef(line.operation, line.operation_id, line.attempt).key
    return AdviceGiven(event_id=name, client=line.client, occurred_at=at, rejected=line.advice == Advice.REJECT)
