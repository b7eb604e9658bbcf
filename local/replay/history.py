"""A bank's past, as a new deployment gets it: an archive of what was published, from which the features are rebuilt."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from jobs.rebuild.progress import Workplace
from jobs.rebuild.rebuild import Rebuild
from jobs.rebuild.report import Report
from jobs.rebuild.source import Folder
from local.stack.archive import Archive, Limits
from local.stack.state_directory import StateDirectory
from local.stack.topology import ARCHIVE
from shared.composition.ports import Ports
from shared.deadline import Deadline
from shared.events.avro.events import EventDecoder, encode, topic_of
from shared.events.avro.registry import NoRegistry
from shared.events.avro.topic_encoding import topics
from shared.events.events import Event
from shared.events.receiver import KEY, decode_event
from shared.messaging.messages import Delivery, Message

_WITHIN = 30.0
_FILES = Limits(messages=20_000, seconds=3600.0)


class History:
    """Implements `local.replay.bookkeeping.Feed` by archiving; `restore` makes features of the archive."""

    def __init__(self, state: StateDirectory) -> None:
        self._state = state
        self._archive = Archive(state.archive, _FILES)
        self._ids = count(1)

    async def feed(self, events: Sequence[Event], up_to: datetime) -> None:  # noqa: ARG002 - nobody asks yet
        """Archive `events` as if they had been published when they happened."""
        await self._archive([self._delivery(event) for event in events])

    async def restore(self, store: Ports) -> Report:
        """Rebuild the features from all that is archived."""
        await self._archive.close()
        decoder = EventDecoder(NoRegistry(), topics())

        async def decode(delivered: Delivery) -> Event | None:
            return await decode_event(decoder, delivered, Deadline.after(_WITHIN), None)

        job = Rebuild(
            name=str(self._state.archive),
            source=Folder(self._state.archive),
            documents=store.documents,
            tokens=await store.tokens(Deadline.after(_WITHIN)),
            decode=decode,
            workplace=Workplace(self._state.rebuild),
            clock=store.clock,
        )
        return await job.run(lambda *_: None)

    def _delivery(self, event: Event) -> Delivery:
        message = Message(encode(event), {KEY: event.client})
        name = f"{topic_of(event)}.{ARCHIVE}"
        return Delivery(message, f"history-{next(self._ids)}", name, None, event.occurred_at)
