"""Log lines: JSON, declared fields only, nothing personal."""

import io
import json
from typing import Any

import pytest

from shared.errors import Misconfigured
from shared.privacy import Pseudonymiser
from shared.runtime.log import Log
from shared.trace import Trace

TRACE = Trace("0" * 31 + "1", "0" * 15 + "2")


def written(
    log_kind: str = "answer", *, project: str = "", tokens: Pseudonymiser | None = None, **fields: Any
) -> dict[str, Any]:
    stream = io.BytesIO()
    Log("advice", tokens, project, stream).write(log_kind, "INFO", TRACE, **fields)
    line: dict[str, Any] = json.loads(stream.getvalue())
    return line


def test_a_line_says_what_when_where_and_in_which_trace() -> None:
    line = written(operation="transaction")
    assert line.pop("time").endswith("Z")
    assert line == {
        "severity": "INFO",
        "kind": "answer",
        "function": "advice",
        "logging.googleapis.com/trace": TRACE.trace_id,
        "logging.googleapis.com/spanId": TRACE.span_id,
        "operation": "transaction",
    }


def test_in_a_project_the_trace_is_named_as_cloud_logging_wants_it() -> None:
    assert written(project="bank")["logging.googleapis.com/trace"] == f"projects/bank/traces/{TRACE.trace_id}"


def test_a_pseudonymous_field_leaves_as_its_token() -> None:
    tokens = Pseudonymiser(b"k" * 32, 1)
    assert written(tokens=tokens, client="C-1")["client"] == tokens.client("C-1")


def test_without_a_key_a_pseudonymous_field_does_not_leave_at_all() -> None:
    assert written(client="C-1")["client"] == "untokenised"


def test_a_field_that_is_not_declared_is_a_programming_error() -> None:
    with pytest.raises(Misconfigured, match="card_number is not declared"):
        written(card_number="4111111111111111")


def test_an_exception_is_told_by_type_and_place_without_its_text() -> None:
    stream = io.BytesIO()
    try:
        raise ValueError("client C-1")  # noqa: TRY301 - the raise is the test
    except ValueError as error:
        Log("advice", stream=stream).write_exception("request_failed", None, error, status=500)
    line = json.loads(stream.getvalue())
    assert (line["error"], line["status"], line["where"][-1].split(":")[0]) == (
        "ValueError",
        500,
        "runtime/test_log.py",
    )
    assert b"C-1" not in stream.getvalue()
