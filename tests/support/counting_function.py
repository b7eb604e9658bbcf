"""The smallest event function: it counts each client's transactions, each once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from shared.composition.ports import Ports
from shared.errors import Malformed, Problem
from shared.events.events import Event, Transaction
from shared.events.receiver import LogLine
from shared.events.subscriber import build_subscriber
from shared.messaging.subscriber import PushSubscriber
from shared.privacy import DataClass, Pseudonymiser
from shared.storage.batch_fold import FoldResult
from shared.storage.codec import Codec
from shared.storage.collection import Collection
from shared.storage.documents import Document, Key

COUNTED = "counted"


def _parse(state: bytes) -> list[str]:
    if not state.endswith(b"\n"):
        raise Malformed(Problem("", "lines expected"))
    return state.decode().splitlines()


CODEC: Codec[list[str]] = Codec(
    Collection(COUNTED, "{client}", "counting", DataClass.PSEUDONYMOUS, timedelta(days=1), "ids of transactions"),
    "ids",
    encode=lambda ids: "".join(f"{id_}\n" for id_ in ids).encode(),
    parse=_parse,
)

Counted = tuple[Key, str]
"""A client's document, and the id of an event."""


class CountingFold:
    """Its result is how many transactions the client has."""

    def keys(self, items: Sequence[Counted]) -> list[Key]:
        return list(dict.fromkeys(key for key, _ in items))

    def fold(self, documents: Mapping[Key, Document | None], items: Sequence[Counted]) -> FoldResult[int]:
        ids = {key: CODEC.decode(document) if (document := documents[key]) else [] for key, _ in items}
        results = []
        for key, id_ in items:
            if id_ not in ids[key]:
                ids[key].append(id_)
            results.append(len(ids[key]))
        return FoldResult([CODEC.put(documents[key], key, value) for key, value in ids.items()], results)


def prepare(event: Event, tokens: Pseudonymiser) -> Counted | None:
    """The item of a transaction."""
    return (CODEC.key(tokens.token("client", event.client)), event.event_id) if isinstance(event, Transaction) else None


def report(item: Counted, count: int) -> list[LogLine]:
    """A line for the third transaction."""
    return [LogLine("third_transaction", {"event_id": item[1]})] if count == 3 else []


def compose(ports: Ports) -> PushSubscriber[Counted]:
    """The function over `ports`."""
    return build_subscriber("counting", ports, prepare, CountingFold(), report)
