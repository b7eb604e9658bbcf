"""A command as a value, checked against its envelope's and its payload's schema where it comes in or is made.

What comes in is parsed once, by `parse`; what is made here passes `validated`. Whoever is handed a `Command` does not
check it again.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

from shared import schema_files
from shared.commands.types import payload_schema
from shared.errors import Invalid, Problem, TooLarge
from shared.http.json_body import json_object
from shared.ids import OperationRef
from shared.json_schema import JsonSchema
from shared.times import parse_time

MAX_BYTES = 64_000
"""Bytes of a command: many times what any has, and few enough to be kept beside its state."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command: see `schemas/json/commands/`. Times are aware UTC; without a trace `traceparent` is empty.

    `operation` is that whose answer the command belongs to.
    """

    id: str
    type: str
    version: int
    issued_at: datetime
    issued_by: str
    not_after: datetime
    payload: Mapping[str, Any]
    operation: OperationRef | None = None
    traceparent: str = ""

    def encoded(self) -> bytes:
        """The message's body; the same command always gives the same bytes."""
        document: dict[str, Any] = {
            "id": self.id,
            "type": self.type,
            "version": self.version,
            "issued_at": self.issued_at,
            "issued_by": self.issued_by,
            "not_after": self.not_after,
            "payload": self.payload,
        }
        if self.operation is not None:
            document["operation"] = {
                "name": self.operation.name,
                "id": self.operation.id,
                "attempt": self.operation.attempt,
            }
        if self.traceparent:
            document["traceparent"] = self.traceparent
        return _encode(document)

    def digest(self) -> bytes:
        """SHA-256 of what is to be done, and so not of when it was issued or of its trace."""
        operation = self.operation and [self.operation.name, self.operation.id, self.operation.attempt]
        return sha256(_encode([self.type, self.version, operation, self.payload])).digest()


def parse(data: bytes) -> Command:
    """The command in a message's body.

    Raises `TooLarge`, `Malformed` and `Invalid`, which names each field that is wrong as a JSON pointer.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(MAX_BYTES)
    document = json_object(data)
    _envelope().validate(document)
    check_payload(document["type"], document["version"], document["payload"])
    operation = document.get("operation")
    return Command(
        id=document["id"],
        type=document["type"],
        version=document["version"],
        issued_at=_time("/issued_at", document["issued_at"]),
        issued_by=document["issued_by"],
        not_after=_time("/not_after", document["not_after"]),
        payload=document["payload"],
        operation=None if operation is None else OperationRef(**operation),
        traceparent=document.get("traceparent", ""),
    )


def validated(command: Command) -> Command:
    """`command` as those who receive it will parse it; raises as `parse` does."""
    return parse(command.encoded())


def check_payload(kind: str, version: int, payload: Mapping[str, Any]) -> None:
    """Return if `payload` is one of that type and version; raise `Invalid` with pointers into the command."""
    checked = payload_schema(kind, version)
    try:
        checked.validate(payload)
    except Invalid as error:
        raise Invalid(*(Problem(f"/payload{problem.field}", problem.message) for problem in error.problems)) from None


@cache
def _envelope() -> JsonSchema:
    return JsonSchema(schema_files.load("json/commands/envelope.v1.json"))


def _time(field: str, text: str) -> datetime:
    try:
        return parse_time(text)
    except ValueError as error:
        raise Invalid(Problem(field, "a time that can be told expected")) from error
