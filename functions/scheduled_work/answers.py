"""Answers whose commands were not published when they were given: the publisher was late, or who answered was gone."""

import msgspec

from shared.commands.command import Command
from shared.risk.answers import ANSWERS, AnswerRecord
from shared.storage.documents import Documents
from shared.storage.due import BatchResult, sweep
from shared.storage.outbox import Outbox

from .task import TaskRun


class UnsentAnswers(msgspec.Struct, frozen=True):
    """Publishes their commands and clears them."""

    documents: Documents
    outbox: Outbox[AnswerRecord, Command]
    name: str = "unsent_answers"

    async def run(self, run: TaskRun) -> BatchResult:
        """See `Task`."""
        return await sweep(
            self.documents,
            ANSWERS.name,
            lambda stored: self.outbox.send(stored, run.now, run.deadline),
            now=run.now,
            limit=run.limit,
            deadline=run.deadline,
        )
