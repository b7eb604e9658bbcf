"""One kind of work that comes due: what it is called, and how a share of it is done."""

from datetime import datetime
from typing import Protocol

import msgspec

from shared.deadline import Deadline
from shared.privacy import Pseudonymiser
from shared.storage.due import BatchResult
from shared.trace import Trace


class TaskRun(msgspec.Struct, frozen=True):
    """What one share of work is done with. `now` is aware UTC; at most `limit` of what is due is taken on.

    Without `tokens` the key could not be read.
    """

    now: datetime
    limit: int
    tokens: Pseudonymiser | None
    trace: Trace
    deadline: Deadline


class Task(Protocol):
    """Safe to do twice at once: what is due goes to one of those who look."""

    @property
    def name(self) -> str:
        """What the answer and the log call it."""
        ...

    async def run(self, run: TaskRun) -> BatchResult:
        """Do a share; raises what the ports do where nothing of it could be done."""
        ...
