"""What waits in the documents and is published again when its time has come, for another function to settle."""

from datetime import datetime
from typing import Protocol

import msgspec

from shared.composition.ports import Ports
from shared.deadline import Deadline
from shared.messaging.publisher import Publisher
from shared.storage.documents import Documents
from shared.storage.due import BatchResult

from .task import TaskRun


class RepublishDue(Protocol):
    """Publishes up to `limit` of one kind that are due at `now`."""

    async def __call__(
        self, documents: Documents, publisher: Publisher, *, now: datetime, limit: int, deadline: Deadline
    ) -> BatchResult:
        """How much was taken, and what became of it."""
        ...


class Republishing(msgspec.Struct, frozen=True):
    """One kind of what waits."""

    ports: Ports
    name: str
    republish_due: RepublishDue

    async def run(self, run: TaskRun) -> BatchResult:
        """See `Task`."""
        ports = self.ports
        return await self.republish_due(
            ports.documents, ports.publisher, now=run.now, limit=run.limit, deadline=run.deadline
        )
