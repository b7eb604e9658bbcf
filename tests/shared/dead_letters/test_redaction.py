"""What of a command is shown: what keeps its schema, and is not personal by it."""

import json
from typing import Any

import pytest

from shared.dead_letters.redaction import PERSONAL, UNKNOWN, WRONG, redacted
from shared.json_schema import MAX_PROBLEMS

ENVELOPE: dict[str, Any] = {
    "id": "c-1", "type": "create_ticket", "version": 1, "issued_at": "2026-03-01T12:00:00Z", "issued_by": "f",
    "not_after": "2026-03-01T13:00:00Z", "operation": {"name": "transaction", "id": "o", "attempt": 1},
}  # fmt: skip


GOOD = {"kind": "fraud", "summary": "Look", "reasons": ["A", "B"], "client_id": "C-1"}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (GOOD, GOOD),
        ({"kind": "Jane Doe", "reasons": ["A", "jane"]}, {"kind": WRONG, "reasons": [WRONG, WRONG]}),
        ({"details": [{"name": "a", "value": "b"}, {"name": "!", "value": "c", "x": 1}]},
         {"details": [{"name": WRONG, "value": "b"}, {"name": WRONG, "value": "c", "x": UNKNOWN}]}),
        ({"kind": {"jane": "doe"}, "surname": "doe"}, {"kind": WRONG, "surname": UNKNOWN}),
        ({"kind": ["fraud"], "reasons": "A"}, {"kind": [WRONG], "reasons": WRONG}),
        ({"kind": "fraud", "reasons": ["!"] * MAX_PROBLEMS}, {"kind": WRONG, "reasons": [WRONG] * MAX_PROBLEMS}),
        ("jane", UNKNOWN),
    ],
)  # fmt: skip
def test_a_value_is_shown_that_keeps_its_schema(payload: Any, expected: Any) -> None:
    assert redacted(json.dumps({**ENVELOPE, "payload": payload}).encode()) == {**ENVELOPE, "payload": expected}


@pytest.mark.parametrize(
    "changes", [{"type": "unknown"}, {"type": "../advice/answer"}, {"version": 99}, {"version": True}, {"type": None}]
)
def test_of_an_unknown_type_or_version_no_payload_is_shown(changes: dict[str, Any]) -> None:
    view = redacted(json.dumps({**ENVELOPE, **changes, "payload": {"kind": "fraud"}}).encode())
    assert view is not None
    assert view["payload"] == UNKNOWN


def test_a_personal_field_says_only_that_it_is_there() -> None:
    payload = {
        "client_id": "C-1",
        "channel": "text",
        "template": "t",
        "category": "service",
        "variables": {"n": "Jane"},
    }
    view = redacted(json.dumps({**ENVELOPE, "type": "notify_client", "payload": payload}).encode())
    assert view is not None
    assert view["payload"] == {**payload, "variables": PERSONAL}


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"a":' * 20_000])
def test_nothing_is_shown_of_what_is_no_json_object(body: bytes) -> None:
    assert redacted(body) is None
