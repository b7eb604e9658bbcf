"""Reversals whose event has not come within its time: each is reported once, for people to ask where it is."""

import msgspec

from shared.documents import Documents, Update
from shared.errors import SlackerError, WriteConflict
from shared.features import waiting
from shared.logs import Log
from shared.storage.due import BatchResult, claim_due

from .work import Turn


class LateReversals(msgspec.Struct, frozen=True):
    """Tells the log of them. The line comes before the store forgets that it is due: at worst it is there twice."""

    documents: Documents
    log: Log
    name: str = "late_reversals"

    async def run(self, turn: Turn) -> BatchResult:
        """See `Work`."""
        taken = await claim_due(
            self.documents, waiting.CODEC.collection.name, now=turn.now, limit=turn.limit, deadline=turn.deadline
        )
        failed: list[SlackerError] = []
        for document in taken:
            try:
                told = waiting.CODEC.decode(document)
                self.log.write(
                    "reversal_unmatched", "WARNING", turn.trace, event_id=told.event_id, reverses=told.reverses
                )
                reported = Update(document.key, document.version, document.state, None, document.expires_at)
                await self.documents.commit([reported], turn.deadline)
            except WriteConflict:
                continue  # the event has come meanwhile
            except SlackerError as error:
                failed.append(error)
        return BatchResult(len(taken), len(taken) - len(failed), failed)
