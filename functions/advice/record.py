"""Putting an answer on record: created before it is given and never changed, so that an id has one answer."""

from dataclasses import dataclass
from datetime import timedelta

from shared.answer_record import FORMAT, AnswerRecord, encode, find, record_key
from shared.deadline import Deadline
from shared.documents import Create, Documents, Key
from shared.errors import Conflict

from .answer import Answer
from .question import Question

PUBLISH_AFTER = timedelta(minutes=1)
"""How long the one who answered has to publish the commands itself before they are due for anyone."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records in a documents store."""

    documents: Documents

    async def answered(self, question: Question, deadline: Deadline) -> bytes | None:
        """The answer this very question got before; raises `Conflict` if its id came with another content."""
        [record] = await find(self.documents, [_key(question)], deadline)
        if record is None:
            return None
        if record.digest != question.digest:
            raise Conflict(f"operation id and attempt {question.attempt} came before with another body")
        return record.answer

    async def keep(self, question: Question, answer: Answer, encoded: bytes, deadline: Deadline) -> None:
        """Put an answer on record; raises `WriteConflict` if there is one."""
        key = _key(question)
        pending = [{**command, "id": f"{key.id}.{number}"} for number, command in enumerate(answer.decision.commands)]
        record = AnswerRecord(FORMAT, question.digest, encoded, answer.decided_at, pending)
        create = Create(
            key,
            encode(record),
            due_at=answer.decided_at + PUBLISH_AFTER if pending else None,
            expires_at=answer.decided_at + timedelta(days=question.operation.retention_days),
        )
        await self.documents.commit([create], deadline)


def _key(question: Question) -> Key:
    return record_key(question.operation.name, question.operation_id, question.attempt)
