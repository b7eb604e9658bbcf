"""The record of an answer: created before it is given, never changed, so that an id has one answer however often it
is asked.

One document per attempt, `answers/<operation>.<operation id>.<attempt>`. Commands that belong to the answer stand in
it as `pending`, and `due_at` keeps the document in sight until they are published.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from shared.deadline import Deadline
from shared.documents import Create, Document, Documents, Key
from shared.errors import Conflict

from .answer import Answer
from .question import Question

COLLECTION = "answers"

PUBLISH_AFTER = timedelta(minutes=1)
"""How long the one who answered has to publish the commands itself before they are due for anyone."""


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """The state of a record, in MessagePack. `digest` is over the question's content, `answer` the bytes given."""

    format: int
    digest: bytes
    answer: bytes
    created_at: datetime
    pending: list[dict[str, Any]]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Stored).decode


def record_key(operation: str, operation_id: str, attempt: int) -> Key:
    """Where the record of one attempt stands."""
    return Key(COLLECTION, f"{operation}.{operation_id}.{attempt}")


@dataclass(frozen=True, slots=True)
class Records:
    """The records in a documents store."""

    documents: Documents

    async def find(self, key: Key, deadline: Deadline) -> Stored | None:
        """The record at `key`, or `None`."""
        [document] = await self.documents.read([key], deadline)
        return _parsed(document)

    async def answered(self, question: Question, deadline: Deadline) -> bytes | None:
        """The answer this very question got before; raises `Conflict` if its id came with another content."""
        stored = await self.find(_key(question), deadline)
        if stored is None:
            return None
        if stored.digest != question.digest:
            raise Conflict(f"operation id and attempt {question.attempt} came before with another body")
        return stored.answer

    async def keep(self, question: Question, answer: Answer, encoded: bytes, deadline: Deadline) -> None:
        """Put an answer on record; raises `WriteConflict` if there is one."""
        operation = question.operation
        pending = [
            {**command, "id": f"{operation.name}.{question.operation_id}.{question.attempt}.{number}"}
            for number, command in enumerate(answer.decision.commands)
        ]
        state = _encode(Stored(1, question.digest, encoded, answer.decided_at, pending))
        create = Create(
            _key(question),
            state,
            due_at=answer.decided_at + PUBLISH_AFTER if pending else None,
            expires_at=answer.decided_at + timedelta(days=operation.retention_days),
        )
        await self.documents.commit([create], deadline)


def _key(question: Question) -> Key:
    return record_key(question.operation.name, question.operation_id, question.attempt)


def _parsed(document: Document | None) -> Stored | None:
    return None if document is None else _decode(document.state)
