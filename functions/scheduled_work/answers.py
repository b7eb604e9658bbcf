"""Answers whose commands were not published when they were given: the publisher was late, or who answered was gone."""

import msgspec

from shared.answer_record import ANSWERS
from shared.documents import Documents
from shared.outbox import Outbox
from shared.storage.due import BatchResult, sweep

from .work import Turn


class UnsentAnswers(msgspec.Struct, frozen=True):
    """Publishes their commands and clears them."""

    documents: Documents
    outbox: Outbox
    name: str = "unsent_answers"

    async def run(self, turn: Turn) -> BatchResult:
        """See `Work`."""
        return await sweep(
            self.documents,
            ANSWERS.name,
            lambda stored: self.outbox.send(stored, turn.deadline),
            now=turn.now,
            limit=turn.limit,
            deadline=turn.deadline,
        )
