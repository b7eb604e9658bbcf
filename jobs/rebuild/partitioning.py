"""The first half of a rebuild: every archived message is decoded once and put into the partitions that it changes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from jobs.rebuild.partitions import Partitions, partition
from jobs.rebuild.progress import Progress, Workplace
from jobs.rebuild.source import File, Source
from shared.errors import Invalid, Malformed, TooLarge, UnknownSchema
from shared.events.events import Event, Transaction
from shared.messaging import archive
from shared.messaging.messages import Delivery
from shared.privacy import Pseudonymiser
from shared.risk.features.fold import prepare

Decode = Callable[[Delivery], Awaitable[Event | None]]
"""What a message tells, `None` for nothing; raises as `shared.events.receiver` does."""

_SAVED_EVERY = 50_000  # messages: some seconds of work that a lost process costs


@dataclass(slots=True)
class Sorting:
    """Sorts a `source`; `show` is told how many bytes of archived files are done."""

    source: Source
    workplace: Workplace
    decode: Decode
    tokens: Pseudonymiser
    show: Callable[[int], None]

    async def run(self, progress: Progress, files: Sequence[File]) -> None:
        """Sort those of `files` that `progress` does not know; raises what the source and the registry do."""
        partitions = Partitions(self.workplace.partitions)
        partitions.restore(progress.sizes)
        done, unsaved = 0, 0
        for file in files:
            if file.name not in progress.read:
                unsaved += await self._sort(file, partitions, progress)
                progress.read.add(file.name)
            done += file.size
            self.show(done)
            if unsaved >= _SAVED_EVERY:
                progress.sizes, unsaved = partitions.flush(), 0
                self.workplace.save(progress)
        progress.sizes, progress.sorted = partitions.flush(), True
        self.workplace.save(progress)

    async def _sort(self, file: File, partitions: Partitions, progress: Progress) -> int:
        report, before = progress.report, progress.report.messages
        with self.source.open(file.name) as opened:
            try:
                for delivery in archive.read(opened):
                    report.messages += 1
                    await self._take(delivery, partitions, progress)
            except Malformed:
                report.torn.append(file.name)
        return report.messages - before

    async def _take(self, delivery: Delivery, partitions: Partitions, progress: Progress) -> None:
        report = progress.report
        try:
            event = await self.decode(delivery)
        except (Invalid, TooLarge, UnknownSchema) as error:
            report.unusable_for(_reason(delivery, error))
            return
        if event is None:
            report.nothing += 1
            return
        if isinstance(event, Transaction):
            progress.newest = max(progress.newest or event.occurred_at, event.occurred_at)
        report.events += 1
        keys = prepare(event, self.tokens).keys
        partitions.add({partition(key, event, progress.shards) for key in keys}, event)


def _reason(delivery: Delivery, error: Invalid | TooLarge | UnknownSchema) -> str:
    """What is wrong with a message, without anything of its content: its topic, the first field, what was expected."""
    return f"{archive.topic_of(delivery)}: {error.problems[0] if isinstance(error, Invalid) else error}"
