"""Reviews that nobody took in time, and those whose commands were not published when they were decided."""

import msgspec

from shared.errors import Unavailable
from shared.risk.reviews.sweep import ReviewSweep
from shared.storage.due import BatchResult

from .task import TaskRun


class DueReviews(msgspec.Struct, frozen=True):
    """Decides the former by their rule and publishes for both."""

    chores: ReviewSweep
    name: str = "due_reviews"

    async def run(self, turn: TaskRun) -> BatchResult:
        """See `Task`."""
        if turn.tokens is None:
            raise Unavailable("without the token key nobody can be named in the audit")
        return await self.chores.run(turn.now, turn.limit, turn.tokens, turn.trace, turn.deadline)
