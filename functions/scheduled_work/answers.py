"""Answers whose commands were not published when they were given: the publisher was late, or who answered was gone."""

import msgspec

from shared.commands.publisher import CommandPublisher
from shared.errors import Unavailable
from shared.risk.answers import ANSWERS, outbox, sealed
from shared.storage.documents import Documents
from shared.storage.due import BatchResult, sweep

from .task import TaskRun


class UnsentAnswers(msgspec.Struct, frozen=True):
    """Publishes their commands and clears them."""

    documents: Documents
    commands: CommandPublisher
    name: str = "unsent_answers"

    async def run(self, run: TaskRun) -> BatchResult:
        """See `Task`."""
        if run.tokens is None:
            raise Unavailable("without the token key nobody can tell what advice has sealed")
        unsent = outbox(self.documents, lambda: self.commands, sealed(run.tokens))
        return await sweep(
            self.documents,
            ANSWERS.name,
            lambda stored: unsent.send(stored, run.now, run.deadline),
            now=run.now,
            limit=run.limit,
            deadline=run.deadline,
        )
