"""Reversals whose event has not come within its time: each is reported once, for people to ask where it is."""

from contextlib import suppress

import msgspec

from shared.errors import WriteConflict
from shared.risk.features import pending_reversals
from shared.runtime.log import Log
from shared.storage.documents import Document, Documents, reschedule
from shared.storage.due import BatchResult, sweep

from .task import TaskRun


class LateReversals(msgspec.Struct, frozen=True):
    """Tells the log of them. The line comes before the store forgets that it is due: at worst it is there twice."""

    documents: Documents
    log: Log
    name: str = "late_reversals"

    async def run(self, run: TaskRun) -> BatchResult:
        """See `Task`."""
        return await sweep(
            self.documents,
            pending_reversals.CODEC.collection.name,
            lambda document: self._report(document, run),
            now=run.now,
            limit=run.limit,
            deadline=run.deadline,
        )

    async def _report(self, document: Document, run: TaskRun) -> None:
        late = pending_reversals.CODEC.decode(document)
        self.log.write("reversal_unmatched", "WARNING", run.trace, event_id=late.event_id, reverses=late.reverses)
        with suppress(WriteConflict):  # the event has come meanwhile
            await self.documents.commit([reschedule(document, None, document.expires_at)], run.deadline)
