"""The audit looked after: its head is signed and logged when it has moved, and the chain is verified, page by page."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from shared.audit.anchors import EVER, HEAD_LINE, KIND, Anchors, SignedHead
from shared.audit.entry import Head
from shared.audit.pages import Page, head, page
from shared.audit.verification import Verification, cut_off
from shared.runtime.log import Log
from shared.signing.signer import Signer
from shared.storage.documents import Documents
from shared.storage.due import BatchResult

from .task import TaskRun

PAGE = 100
"""Entries that are verified in one run."""

_NOTHING = BatchResult(0, 0)


class AuditHead:
    """Signs the head and logs it, unless this instance has done so already. `signer` is called when it is needed."""

    name = "audit_head"

    def __init__(self, documents: Documents, signer: Callable[[], Signer], log: Log) -> None:
        self._documents = documents
        self._signer = signer
        self._log = log
        self._logged = Head()

    async def run(self, run: TaskRun) -> BatchResult:
        """See `Task`."""
        newest = await head(self._documents, run.deadline)
        if newest != self._logged:
            payload = msgspec.json.encode(SignedHead(newest.sequence, newest.hash, run.now))
            statement = await self._signer().sign(KIND, payload, run.deadline)
            self._log.write(
                HEAD_LINE, "INFO", run.trace,
                sequence=newest.sequence, hash=newest.hash, at=run.now, statement=statement,
            )  # fmt: skip
            self._logged = newest
        return _NOTHING


class AuditCheck(msgspec.Struct, frozen=True):
    """Verifies a page of the chain, each minute the next one, and that no entry is cut off that the log names.

    A fault is a line `audit_broken` each time that it is met. `anchors` is called when they are needed.
    """

    documents: Documents
    anchors: Callable[[], Anchors]
    log: Log
    name: str = "audit_check"

    async def run(self, run: TaskRun) -> BatchResult:
        """See `Task`."""
        anchors, newest = self.anchors(), await head(self.documents, run.deadline)
        beyond = await anchors.between(newest.sequence + 1, EVER, run.deadline)
        first = _turn(newest.sequence, run.now)
        chosen = await page(self.documents, max(1, first - 1), PAGE + 1, run.deadline)
        verification = _begun(chosen, first)
        entries = chosen.entries[first - chosen.first :][:PAGE]
        verification.anchor(await anchors.between(first, first + len(entries) - 1, run.deadline))
        verification.take(entries)
        for fault in (*verification.breaks, *cut_off((each.sequence for each in beyond), chosen.head)):
            self.log.write("audit_broken", "CRITICAL", run.trace, sequence=fault.sequence, reason=f"entry {fault.what}")
        return _NOTHING


def _turn(length: int, now: datetime) -> int:
    """The number of the entry that this minute's page begins with: every page has its turn, whoever is here."""
    pages = max(1, -(-length // PAGE))
    return int(now.timestamp() // 60) % pages * PAGE + 1


def _begun(chosen: Page, first: int) -> Verification:
    """A verification that goes on from the entry before `first`, which `chosen` begins with unless it is the first."""
    if first == 1:
        return Verification()
    before = chosen.entries[0] if chosen.entries else None
    return Verification(verified=first - 1, before=before.hash if before else None)
