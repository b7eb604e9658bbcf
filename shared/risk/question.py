"""A question is the bank's body, checked once; its digest says whether the same id came with the same content."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from shared.errors import Invalid, Problem
from shared.json_pointer import resolve
from shared.risk.operation import Case, Operation
from shared.times import parse_time

MAX_BYTES = 64 * 1024
"""Bytes of a question's body: many times what the shipped operations need."""

_canonical = msgspec.json.Encoder(order="sorted").encode


class Question(msgspec.Struct, frozen=True):
    """A valid question. `version` names the operation's version (`transaction@3`); `at` is the time to decide for,
    aware UTC; `digest` is 32 bytes over the body's content.
    """

    operation: Operation
    version: str
    operation_id: str
    attempt: int
    body: Mapping[str, Any]
    digest: bytes
    at: datetime
    case: Case

    @property
    def client(self) -> str | None:
        """The client's id, where the operation says where it stands."""
        path = self.operation.client_path
        value = resolve(self.body, path) if path is not None else None
        return value if isinstance(value, str) else None


def parse_question(
    operation: Operation, version: str, body: dict[str, Any], now: datetime, *, replay: bool
) -> Question:
    """The question in a body; raises `Invalid` naming each field that breaks the operation's schema.

    `occurred_at` is taken as it is while replaying, and else held to `now` ± the operation's tolerance: a wrong
    clock, or a caller who would like to be judged at another hour, moves a decision by no more than that.
    """
    operation.checked.validate(body)
    attempt = body.setdefault("attempt", 1)  # absent and 1 mean the same, so they are the same question
    previous = body.get("previous_attempt")
    if attempt > 1 and previous is None:
        raise Invalid(Problem("/previous_attempt", "is required from attempt 2 on"))
    if previous is not None and previous != attempt - 1:
        raise Invalid(Problem("/previous_attempt", "the attempt just before this one expected"))
    occurred_at = _time(resolve(body, operation.occurred_at_path), operation)
    tolerance = timedelta(seconds=operation.tolerance)
    at = occurred_at if replay else max(now - tolerance, min(now + tolerance, occurred_at))
    digest = hashlib.sha256(_canonical(body)).digest()
    return Question(operation, version, body["operation_id"], attempt, body, digest, at, operation.case(body))


def _time(value: Any, operation: Operation) -> datetime:
    field = "/" + "/".join(operation.occurred_at_path)
    try:
        return parse_time(value.upper() if isinstance(value, str) else value)  # RFC 3339 admits t and z
    except ValueError as error:
        raise Invalid(Problem(field, str(error))) from error
