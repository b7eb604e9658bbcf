"""The audit as functions write to it: nothing is done, and nothing shown, whose entry is not on record."""

from typing import Any, TypeVar

from shared.audit.anchors import ENTRY_LINE
from shared.audit.chain import Chain, Recorded
from shared.audit.change import AuditContext, AuditedChange, ChangeResult
from shared.deadline import Deadline
from shared.runtime.log import Log
from shared.storage.documents import Documents
from shared.storage.group_commit import GroupCommit, Limits
from shared.trace import Trace

R = TypeVar("R")

MAX_TARGETS = 500
"""Ids that one entry names."""

_SIZE = 4_000  # bytes of one act while it waits, roughly
_GROUP = Limits(items=200, batch=20)  # an act may write many documents, and one commit takes 500


class AuditLog:
    """The chain of one store. Each entry is logged too, so that what is cut off or rewritten shows elsewhere."""

    def __init__(self, documents: Documents, log: Log) -> None:
        self._group: GroupCommit[AuditedChange[Any], Recorded] = GroupCommit(documents, Chain(), _GROUP)
        self._log = log

    async def record(self, change: AuditedChange[R], deadline: Deadline) -> R:
        """Do it, and give what its fold gave.

        Raises the `Permanent` error of the fold once the refusal is on record; `WriteConflict`, `Overloaded`,
        `DeadlineExceeded` and `Unavailable` as group commit does, when it may have been done.
        """
        recorded = await self._group.submit(change, _SIZE, deadline)
        self._anchor(recorded, change.context.trace)
        if recorded.refusal is not None:
            raise recorded.refusal
        result: R = recorded.result
        return result

    def _anchor(self, recorded: Recorded, trace: Trace | None) -> None:
        """Log the entry, where nobody who can write to the store can change it: what it says, but for its free text."""
        entry = recorded.entry
        self._log.write(
            ENTRY_LINE, "INFO", trace, sequence=entry.sequence, hash=recorded.hash, previous=entry.previous,
            at=entry.at, caller=entry.actor, action=entry.action, outcome=entry.outcome, targets=entry.targets,
            subjects=entry.subjects,
        )  # fmt: skip

    async def note(
        self, context: AuditContext, targets: tuple[str, ...], subjects: tuple[str, ...], deadline: Deadline
    ) -> None:
        """Put on record that something was read; raises as `record` does, and then it is not to be shown."""
        done: ChangeResult[None] = ChangeResult(None, targets=targets[:MAX_TARGETS], subjects=subjects[:MAX_TARGETS])
        await self.record(AuditedChange(context, (), lambda _: done), deadline)
