"""Answers whose commands were not published when they were given: the publisher was late, or who answered was gone."""

import asyncio

import msgspec

from shared.answer_record import COLLECTION
from shared.claims import Done, claim_due
from shared.documents import Document, Documents
from shared.errors import SlackerError
from shared.outbox import Outbox

from .work import Turn

_AT_ONCE = 16  # answers on their way to the publisher


class UnsentAnswers(msgspec.Struct, frozen=True):
    """Publishes their commands and clears them."""

    documents: Documents
    outbox: Outbox
    name: str = "unsent_answers"

    async def run(self, turn: Turn) -> Done:
        """See `Work`."""
        taken = await claim_due(self.documents, COLLECTION, now=turn.now, limit=turn.limit, deadline=turn.deadline)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def send(stored: Document) -> SlackerError | None:
            async with turns:
                try:
                    await self.outbox.send(stored, turn.deadline)
                except SlackerError as error:
                    return error
            return None

        failed = [error for error in await asyncio.gather(*map(send, taken)) if error is not None]
        return Done(len(taken), len(taken) - len(failed), failed)
