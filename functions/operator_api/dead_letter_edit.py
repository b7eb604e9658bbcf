"""Editing a dead letter: what came stays as it is, and beside it lies what is to be sent instead."""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.audit.change import AuditContext, AuditedChange, ChangeResult, DocumentsRead
from shared.dead_letters import letter as letters
from shared.dead_letters.letter import Letter
from shared.dead_letters.store import StoredLetter
from shared.errors import Conflict
from shared.http.json_body import json_object
from shared.storage.documents import put

from .merge_patch import merged


def rewritten(before: bytes, edit: Mapping[str, Any]) -> bytes:
    """The body that `edit` asks for instead: its `command`, or `before` with its `changes`, a JSON Merge Patch.

    Raises `Malformed` for changes of what is no JSON object.
    """
    document = edit["command"] if "command" in edit else merged(json_object(before), edit["changes"])
    return msgspec.json.encode(document, order="deterministic")


def editing(context: AuditContext, stored: StoredLetter, letter: Letter, body: bytes) -> AuditedChange[None]:
    """The act that puts the edited `letter` in the place of `stored`, and `body` beside it."""
    body_key, letter_key = letters.edited_key(stored.id), stored.document.key
    subjects = (letter.client,) if letter.client else ()

    def fold(documents: DocumentsRead) -> ChangeResult[None]:
        document = documents[letter_key]
        if document is None or document.version != stored.document.version:
            raise Conflict("somebody else changed it just now: look again")
        written = letters.CODEC.put(document, letter_key, letter)
        return ChangeResult(None, [written, put(documents[body_key], body_key, body)], (stored.id,), subjects)

    return AuditedChange(context, (letter_key, body_key), fold, (stored.id,))
