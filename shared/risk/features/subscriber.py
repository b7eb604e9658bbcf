"""What the event functions of features share: how an event becomes an item of theirs, and what their logs say of it."""

from collections.abc import Iterator

from shared.composition.ports import Ports
from shared.events.events import Event
from shared.events.receiver import LogLine
from shared.events.subscriber import build_subscriber
from shared.messaging.subscriber import PushSubscriber
from shared.privacy import Pseudonymiser
from shared.risk.features.fold import EventOutcome, PreparedEvent, prepare
from shared.risk.features.keys import CLIENTS, DEVICES, MERCHANTS
from shared.storage.batch_fold import BatchFold
from shared.windowing.outcome import Outcome

Remarks = tuple[EventOutcome, ...]

_LOG_KINDS = {
    **{(Outcome.TOO_OLD, collection): "event_too_old" for collection in (CLIENTS, DEVICES, MERCHANTS)},
    (Outcome.WAITING, CLIENTS): "reversal_waits",
    (Outcome.WAITING, MERCHANTS): "reversal_not_counted",  # it does not say when what it reverses happened
}
"""The kinds of log lines, by what became of an event in which collection: what does not count, or not yet."""


def build(
    name: str, ports: Ports, collections: frozenset[str], fold: BatchFold[PreparedEvent, Remarks]
) -> PushSubscriber[PreparedEvent]:
    """The function `name`, whose `fold` writes `collections`; raises `Misconfigured`, saying what to set."""

    def prepared(event: Event, tokens: Pseudonymiser) -> PreparedEvent | None:
        item = prepare(event, tokens, collections)
        return item if item.keys else None

    return build_subscriber(name, ports, prepared, fold, _report)


def _report(item: PreparedEvent, remarks: Remarks) -> Iterator[LogLine]:
    for remark in remarks:
        collection = remark.key.collection
        kind = _LOG_KINDS.get((remark.outcome, collection))
        if kind is not None:
            yield LogLine(kind, {"event_id": item.event.event_id, "collection": collection})
