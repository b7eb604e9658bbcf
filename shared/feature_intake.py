"""From a delivery to the event in it, and from there into the features: what both event functions of features do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.avro.events import EventDecoder, Tombstone
from shared.avro.topics import Meaning
from shared.deadline import Deadline
from shared.decision_log import Attempt, attempt
from shared.errors import Invalid, Problem, TooLarge, Unavailable
from shared.events import ClientSnapshot, Event
from shared.features.fold import Known, Remark, known
from shared.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.features.tail import Outcome
from shared.group_commit import GroupCommit
from shared.logs import Log
from shared.messages import Delivery
from shared.trace import Trace

DECISIONS = "decisions"
"""The topic that the log sink of decisions publishes to."""

KEY = "key"
"""The attribute in which Kafka Connect hands over a record's key."""

MAX_EVENT_BYTES = 256_000
"""Bytes of an event: many times what any has."""

AHEAD = timedelta(minutes=10)
"""How far a bank's clock may be ahead of ours: an event from later than that would push out what is recent."""

_TOLD = {
    **{(Outcome.TOO_OLD, collection): "event_too_old" for collection in (CLIENTS, DEVICES, MERCHANTS)},
    (Outcome.WAITING, CLIENTS): "reversal_waits",
    (Outcome.WAITING, MERCHANTS): "reversal_not_counted",  # it does not say when what it reverses happened
}
"""The lines of the log, by what became of an event in which collection."""


@dataclass(frozen=True, slots=True)
class FeatureIntake:
    """Implements `shared.http.push.Intake` for who writes `collections`. `now` gives aware UTC.

    While history is replayed no event is from the future.
    """

    decoder: EventDecoder
    group: GroupCommit[Known, tuple[Remark, ...]]
    collections: frozenset[str]
    log: Log
    now: Callable[[], datetime]
    replay: bool

    async def read(self, delivered: Delivery, deadline: Deadline) -> Known | None:
        """See the port; the subscription's id says which topic it is of: `{topic}.{function}`."""
        if len(delivered.message.data) > MAX_EVENT_BYTES:
            raise TooLarge(MAX_EVENT_BYTES)
        event = await self._event(delivered, deadline)
        if event is None:
            return None
        if not self.replay and event.occurred_at > self.now() + AHEAD:
            minutes = AHEAD // timedelta(minutes=1)
            raise Invalid(Problem("occurred_at", f"a time at most {minutes} minutes ahead of our clock expected"))
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

    async def _event(self, delivered: Delivery, deadline: Deadline) -> Event | Attempt | None:
        message = delivered.message
        topic = delivered.subscription.partition(".")[0]
        if topic == DECISIONS:
            return attempt(message.data)
        told = await self.decoder.decode(topic, message.data, deadline, message.attributes.get(KEY))
        if not isinstance(told, Tombstone):
            return told
        if told.means is Meaning.FORGET_SNAPSHOT and told.key:
            return ClientSnapshot(event_id=delivered.id, client=told.key, occurred_at=delivered.published_at)
        raise Invalid(Problem("", "an empty message (a tombstone) means nothing on this topic"))
