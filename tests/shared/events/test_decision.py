"""The decision log read back: the attempt that an answer's line tells of, and nothing from any other line."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed
from shared.events.decision import parse_decision
from shared.events.events import AdviceGiven
from shared.runtime.log import Log
from tests.support.event_streams import TOKENS

AT = datetime(2026, 11, 22, 9, 30, 0, 250_000, tzinfo=UTC)


def line(kind: str = "answer", **changes: Any) -> bytes:
    """What `advice` writes."""
    written = io.BytesIO()
    fields = {
        "operation": "transaction", "operation_id": "o-1", "attempt": 2, "client": "C-1", "at": AT, "caller": "a@b.c",
        "advice": "REJECT", "reasons": ["X"], "decided_by": "risk_function", "versions": {}, "recorded": True,
        "took_ms": 1.5,
    }  # fmt: skip
    Log("advice", TOKENS, stream=written).write(kind, "NOTICE", None, **{**fields, **changes})
    return written.getvalue()


EXPECTED = AdviceGiven(
    event_id="transaction.o-1.2", client=TOKENS.client("C-1"), occurred_at=AT, rejected=True
)  # fmt: skip


def test_a_line_as_it_was_written_and_one_from_the_log_sink_tell_of_the_same_attempt() -> None:
    entry = {"insertId": "x", "logName": "projects/p/logs/run", "jsonPayload": json.loads(line())}
    assert [parse_decision(line()), parse_decision(json.dumps(entry).encode())] == [EXPECTED, EXPECTED]


def test_only_a_rejection_is_rejected() -> None:
    parsed = [parse_decision(line(advice=advice)) for advice in ("APPROVE", "STEPUP_NEEDED", "MANUAL_APPROVAL_NEEDED")]
    assert [decision and decision.rejected for decision in parsed] == [False, False, False]


@pytest.mark.parametrize(
    "other",
    [
        line("answered_again"),
        line("decision"),
        line(decided_by="sandbox"),
        line(client=None),
        b'{"kind":"answer","client":"untokenised"}',
        b'{"textPayload":"Traceback"}',
        b"{}",
    ],
)
def test_other_lines_tell_of_no_attempt(other: bytes) -> None:
    """The sandbox asks about nobody; an answer without a client is about nobody known."""
    assert parse_decision(other) is None


@pytest.mark.parametrize(
    "wrong", [b"", b"\xff", b"[]", b'{"jsonPayload":3}', line().replace(b"2026-11-22T", b"22nd "), b"[" * 5000]
)
def test_what_is_no_line_of_the_log_is_malformed(wrong: bytes) -> None:
    with pytest.raises(Malformed):
        parse_decision(wrong)


@given(
    data=st.binary(max_size=200)
    | st.from_regex(r'\{"kind":"answer","at":"[-+0-9TZ:.]{1,30}","client":".{1,9}"\}').map(str.encode)
)
def test_no_body_leads_to_anything_but_an_attempt_nothing_or_malformed(data: bytes) -> None:
    try:
        parsed = parse_decision(data)
    except Malformed:
        return
    assert parsed is None or isinstance(parsed, AdviceGiven)
