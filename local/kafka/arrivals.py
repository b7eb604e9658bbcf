"""The delivery of each Kafka record: which Pub/Sub messages it led to, which functions acknowledged it, and when.

A record is identified by its position in Kafka, which the connector writes into the message's attributes.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from local.stack.deliveries import ACKNOWLEDGED, Deliveries
from shared.errors import Malformed
from shared.messaging.envelope import parse_push
from shared.messaging.messages import Delivery


class Record(NamedTuple):
    """The position of a record in Kafka."""

    topic: str
    partition: int
    offset: int


class Arrivals(Deliveries):
    """Follows records, beside what the stack publishes itself. `lags` are the seconds from a record's time in Kafka to
    its first acknowledgement by each function.
    """

    def __init__(self, subscribers: Mapping[str, Sequence[str]]) -> None:
        super().__init__(subscribers)
        self._functions = subscribers
        self._messages: dict[Record, set[str]] = {}
        self._settled: set[tuple[str, Record]] = set()
        self._changed = asyncio.Event()
        self.lags: list[float] = []

    def passed(self, function: str, body: bytes, status: int) -> None:
        """Record that `function` answered a push with `body` by `status`; what is no push is ignored."""
        try:
            delivered = parse_push(body)
        except Malformed:
            return
        record = _record(delivered)
        if record is None:
            super().passed(function, body, status)
            return
        self._messages.setdefault(record, set()).add(delivered.id)
        if status in ACKNOWLEDGED and (function, record) not in self._settled:
            self._settled.add((function, record))
            self.lags.append(time.time() - int(delivered.message.attributes["kafka.timestamp"]) / 1000)
            self._changed.set()

    def messages(self, records: Iterable[Record]) -> int:
        """How many Pub/Sub messages, by id, these records have led to."""
        return sum(len(self._messages.get(record, ())) for record in records)

    def missing(self, records: Iterable[Record]) -> set[tuple[str, Record]]:
        """The deliveries, each a function and a record, that are not acknowledged yet."""
        due = {(function, record) for record in records for function in self._functions[record.topic]}
        return due - self._settled

    async def all(self, records: Iterable[Record], within: float) -> bool:
        """Whether all their functions acknowledge these records within so many seconds."""
        missing = self.missing(records)
        try:
            async with asyncio.timeout(within):
                while missing:
                    self._changed.clear()
                    missing -= self._settled
                    if missing:
                        await self._changed.wait()
        except TimeoutError:
            return False
        return True


def _record(delivered: Delivery) -> Record | None:
    """The record that a message was made of; none for what did not come through Kafka."""
    attributes = delivered.message.attributes
    if "kafka.offset" not in attributes:
        return None
    return Record(attributes["kafka.topic"], int(attributes["kafka.partition"]), int(attributes["kafka.offset"]))
