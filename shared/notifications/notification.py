"""A notification as it is asked for: what a `notify_client` command says, in the words of this domain."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from shared.commands.command import Command
from shared.errors import Invalid, Problem

TYPE = "notify_client"
"""The type of the commands that ask for one."""

MAX_BYTES = 8_000
"""Bytes of such a command: some wait in a document of their client's."""

_OPAQUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Category(StrEnum):
    """What a notification is for; its template says which."""

    SECURITY = "security"
    """Cannot be switched off, and comes at night too."""

    SERVICE = "service"
    REWARDS = "rewards"
    """Only for who asked for them, and not too often."""


class Channel(StrEnum):
    """How it comes."""

    TEXT = "text"
    PUSH = "push"


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is the command's, by which doing it twice is noticed; `subject` an opaque id for the app, or empty;
    `version` of the template `None` for the newest; `operation_id` that of the operation it tells of, or empty;
    `encoded` the command as it came.
    """

    id: str
    digest: bytes
    client: str
    channel: Channel
    category: Category
    template: str
    version: int | None
    variables: Mapping[str, Any]
    silent: bool | None
    dry_run: bool
    subject: str
    operation_id: str
    traceparent: str
    not_after: datetime
    encoded: bytes


def from_command(command: Command, encoded: bytes) -> Notification:
    """What `command` asks for; raises `Invalid` for a command of another type, or one that is too long to be kept."""
    if command.type != TYPE:
        raise Invalid(Problem("/type", f"{TYPE} expected"))
    if len(encoded) > MAX_BYTES:
        raise Invalid(Problem("", f"at most {MAX_BYTES} bytes expected"))
    payload, operation = command.payload, command.operation
    visibility = payload.get("visibility")
    return Notification(
        id=command.id,
        digest=command.digest(),
        client=payload["client_id"],
        channel=Channel(payload["channel"]),
        category=Category(payload["category"]),
        template=payload["template"],
        version=payload.get("template_version"),
        variables=payload.get("variables", {}),
        silent=None if visibility is None else visibility == "silent",
        dry_run=payload.get("dry_run", False),
        subject=operation.id if operation is not None and _OPAQUE.fullmatch(operation.id) else "",
        operation_id=operation.id if operation is not None else "",
        traceparent=command.traceparent,
        not_after=command.not_after,
        encoded=encoded,
    )
