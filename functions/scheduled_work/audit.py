"""The audit looked after: its head is signed and logged when it has moved, and the chain is verified, page by page."""

from datetime import datetime

import msgspec

from shared.audit.anchors import EVER, HEAD_LINE, KIND, Anchors, SignedHead
from shared.audit.entry import HEAD, HEADS, Head
from shared.audit.pages import Page, page
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
    """Signs the head and logs it, unless this instance has done so already."""

    name = "audit_head"

    def __init__(self, documents: Documents, signer: Signer, log: Log) -> None:
        self._documents = documents
        self._signer = signer
        self._log = log
        self._logged = Head()

    async def run(self, run: TaskRun) -> BatchResult:
        """See `Task`."""
        [document] = await self._documents.read([HEAD], run.deadline)
        head = Head() if document is None else HEADS.decode(document)
        if head != self._logged:
            payload = msgspec.json.encode(SignedHead(head.sequence, head.hash, run.now))
            statement = await self._signer.sign(KIND, payload, run.deadline)
            self._log.write(
                HEAD_LINE, "INFO", run.trace, sequence=head.sequence, hash=head.hash, at=run.now, statement=statement
            )
            self._logged = head
        return _NOTHING


class AuditCheck(msgspec.Struct, frozen=True):
    """Verifies a page of the chain, each minute the next one, and that no entry is cut off that the log names.

    A fault is a line `audit_broken` each time that it is met.
    """

    documents: Documents
    anchors: Anchors
    log: Log
    name: str = "audit_check"

    async def run(self, run: TaskRun) -> BatchResult:
        """See `Task`."""
        newest = await page(self.documents, None, 1, run.deadline)
        beyond = await self.anchors.between(newest.head.sequence + 1, EVER, run.deadline)
        first = _turn(newest.head.sequence, run.now)
        chosen = await page(self.documents, max(1, first - 1), PAGE + 1, run.deadline)
        verification = _begun(chosen, first)
        entries = chosen.entries[first - chosen.first :][:PAGE]
        verification.anchor(await self.anchors.between(first, first + len(entries) - 1, run.deadline))
        verification.take(entries)
        for fault in (*verification.breaks, *cut_off(beyond, chosen.head)):
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
