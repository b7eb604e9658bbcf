"""Putting an answer on record: created before it is given and never changed, so that an id has one answer."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from shared.advice import Advice
from shared.commands.command import Command
from shared.deadline import Deadline
from shared.errors import Conflict, SlackerError
from shared.privacy import Pseudonymiser
from shared.risk.answers import CODEC, AnswerRecord, load, record_key, seal
from shared.risk.question import Question
from shared.storage.documents import Document, Documents, Key

from .answer import Decision

PUBLISH_AFTER = timedelta(minutes=1)
"""How long the one who answered has to publish the commands itself before they are due for anyone."""


class _AdviceOnly(msgspec.Struct):
    advice: Advice


_decode_advice = msgspec.json.Decoder(_AdviceOnly).decode


class AnswerStore(msgspec.Struct, frozen=True):
    """The records in a documents store. `tokens` gives `None` while there is no key."""

    documents: Documents
    tokens: Callable[[], Awaitable[Pseudonymiser | None]]

    async def find(self, question: Question, deadline: Deadline) -> bytes | None:
        """The answer this very question got before.

        Raises `Conflict` if its id came with another content, or if the attempt before it is on record with another
        answer than a step-up: then there is nothing to ask again.
        """
        earlier = range(question.attempt, max(0, question.attempt - 2), -1)  # this attempt and the one before it
        record, *before = await load(self.documents, [_key(question, attempt) for attempt in earlier], deadline)
        if record is None:
            if any(stored is not None and not _stepped_up(stored) for stored in before):
                raise Conflict(f"attempt {question.attempt - 1} was not answered with STEPUP_NEEDED")
            return None
        if record.digest != question.digest:
            raise Conflict(f"operation id and attempt {question.attempt} came before with another body")
        return record.answer

    async def create(
        self, question: Question, decision: Decision, decided_at: datetime, encoded: bytes, deadline: Deadline
    ) -> Document:
        """Put an answer on record, its commands with it, and give what stands there; raises `WriteConflict` if there is
        one.
        """
        pending = [command.encoded() for command in decision.commands]
        seals = await self._seals(decision.commands)
        create = CODEC.create(
            _key(question, question.attempt),
            AnswerRecord(question.digest, encoded, decided_at, pending, seals),
            due_at=decided_at + PUBLISH_AFTER if pending else None,
            expires_at=decided_at + timedelta(days=question.operation.retention_days),
        )
        [written] = await self.documents.commit([create], deadline)
        return Document(create.key, create.state, written.version, 0, create.due_at, create.expires_at)

    async def _seals(self, commands: Sequence[Command]) -> list[bytes]:
        """A seal for each command; none while the token key cannot be read, for that costs nobody the answer."""
        if not commands:
            return []
        with suppress(SlackerError):
            tokens = await self.tokens()
            return [seal(command, tokens) for command in commands] if tokens is not None else []
        return []


def _key(question: Question, attempt: int) -> Key:
    return record_key(question.operation.name, question.operation_id, attempt)


def _stepped_up(record: AnswerRecord) -> bool:
    return _decode_advice(record.answer).advice is Advice.STEPUP_NEEDED
