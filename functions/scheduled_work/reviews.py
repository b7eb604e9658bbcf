"""Reviews that nobody took in time, and those whose commands were not published when they were decided."""

import msgspec

from shared.errors import Unavailable
from shared.risk.reviews.sweep import ReviewSweep
from shared.storage.due import BatchResult

from .task import TaskRun


class DueReviews(msgspec.Struct, frozen=True):
    """Decides the former by their rule and publishes for both."""

    sweep: ReviewSweep
    name: str = "due_reviews"

    async def run(self, run: TaskRun) -> BatchResult:
        """See `Task`."""
        if run.tokens is None:
            raise Unavailable("without the token key nobody can be named in the audit")
        return await self.sweep.run(run.now, run.limit, run.tokens, run.trace, run.deadline)
