"""A rebuild: the features of an archive, restored into whatever the documents hold, an empty store most often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jobs.rebuild.folding import Folding
from jobs.rebuild.partitioning import Decode, Sorting
from jobs.rebuild.partitions import Partitions
from jobs.rebuild.progress import Progress, Workplace
from jobs.rebuild.report import Report
from jobs.rebuild.retry import tries
from jobs.rebuild.source import Source
from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Transient
from shared.privacy import Pseudonymiser
from shared.risk.features import watermark
from shared.risk.features.keys import WATERMARK
from shared.storage.documents import Documents

_SHARD_BYTES = 4_000_000  # of compressed archive: some 40,000 events, 60 MB in memory
_MAX_SHARDS = 4096
_WITHIN = 60.0

Show = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Restores the features of the archive called `name`. A run that ended early goes on where it was, and a run after
    the last one takes what has come into the archive since.
    """

    name: str
    source: Source
    documents: Documents
    tokens: Pseudonymiser
    decode: Decode
    workplace: Workplace
    clock: Clock

    async def run(self, show: Show) -> Report:
        """Do all that is left to do, and tell what came of it, earlier runs included.

        Raises what the source, the registry and the store raise when they stay away: run it again then.
        """
        files = self.source.files()
        total = sum(file.size for file in files)
        shards = min(max(1, total // _SHARD_BYTES), _MAX_SHARDS)
        progress = self.workplace.load(self.name) or Progress(self.name, shards)
        if not progress.sorted:
            sorting = Sorting(
                self.source, self.workplace, self.decode, self.tokens, lambda done: show("sorting", done, total)
            )
            await sorting.run(progress, files)
        await self._fold(progress, show)
        await self._advance(progress.newest)
        self._finish(progress)
        return progress.report

    async def _fold(self, progress: Progress, show: Show) -> None:
        partitions = Partitions(self.workplace.partitions)
        folding = Folding(self.documents, self.tokens, self.clock)
        total, done = sum(progress.sizes.values()), 0
        for name in partitions.names():
            if name not in progress.folded:
                outcomes = await folding.fold(partitions, name, progress.shards)
                progress.report.add(outcomes.remarks, outcomes.failed, outcomes.events)
                progress.folded.add(name)
                self.workplace.save(progress)
            done += progress.sizes[name]
            show("folding", done, total)

    async def _advance(self, newest: datetime | None) -> None:
        """Say up to when the features are complete, if that is later than what is said already."""
        if newest is None:
            return
        until = min(newest, self.clock.now())
        async for last in tries():
            try:
                (document,) = await self.documents.read([WATERMARK], Deadline.after(_WITHIN))
                if document is None or watermark.CODEC.decode(document) < until:
                    write = watermark.CODEC.put(document, WATERMARK, until)
                    await self.documents.commit([write], Deadline.after(_WITHIN))
            except Transient:
                if last:
                    raise
            else:
                return

    def _finish(self, progress: Progress) -> None:
        """Leave what the next run needs: which files are done."""
        progress.sorted, progress.sizes, progress.folded = False, {}, set()
        self.workplace.save(progress)
        Partitions(self.workplace.partitions).restore({})
