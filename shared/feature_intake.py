"""From a delivery to the event in it, and from there into the features: what both event functions of features do."""

import msgspec

from shared.avro.events import EventDecoder
from shared.deadline import Deadline
from shared.errors import Unavailable
from shared.events.receiver import decode_event
from shared.features.fold import Known, Remark, known
from shared.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.logs import Log
from shared.messages import Delivery
from shared.storage.group_commit import GroupCommit
from shared.trace import Trace
from shared.windowing.outcome import Outcome

_TOLD = {
    **{(Outcome.TOO_OLD, collection): "event_too_old" for collection in (CLIENTS, DEVICES, MERCHANTS)},
    (Outcome.WAITING, CLIENTS): "reversal_waits",
    (Outcome.WAITING, MERCHANTS): "reversal_not_counted",  # it does not say when what it reverses happened
}
"""The lines of the log, by what became of an event in which collection."""


class FeatureIntake(msgspec.Struct, frozen=True):
    """Implements `shared.http.push.Intake` for who writes `collections`; in a replay no event is from the future."""

    decoder: EventDecoder
    group: GroupCommit[Known, tuple[Remark, ...]]
    collections: frozenset[str]
    log: Log
    replay: bool

    async def read(self, delivered: Delivery, deadline: Deadline) -> Known | None:
        """See the port. The future begins when a message was published, so that a rebuild sees the same one."""
        event = await decode_event(self.decoder, delivered, deadline, None if self.replay else delivered.published_at)
        if event is None:
            return None
        if self.log.tokens is None:
            raise Unavailable("without the token key no document can be named")
        found = known(event, self.log.tokens, self.collections)
        return found if found.keys else None

    async def keep(self, item: Known, delivered: Delivery, trace: Trace, deadline: Deadline) -> None:
        """See the port; tells the log of what does not count, or not yet."""
        for remark in await self.group.submit(item, len(delivered.message.data), deadline):
            collection = remark.key.collection
            kind = _TOLD.get((remark.outcome, collection))
            if kind is not None:
                self.log.write(kind, "INFO", trace, event_id=item.event.event_id, collection=collection)
