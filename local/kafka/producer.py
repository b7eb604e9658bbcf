"""The bank's producer: events as Avro records in Kafka, plain or framed for the registry, under their client's key."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, Producer

from local.kafka.acls import Login
from local.kafka.arrivals import Record
from shared.errors import Unavailable
from shared.events.avro.events import encode, topic_of
from shared.events.avro.framing import registry_framed
from shared.events.events import Event

USER = "bank"
"""Its user at the broker."""

_DELIVERED_WITHIN = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Value:
    """A record to write. A `value` of `None` is a tombstone; a header may be `None` too, which is null."""

    topic: str
    key: str | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()


class BankProducer:
    """Writes in order and without duplicates. Raises `Unavailable` for what the broker did not take in time."""

    def __init__(self, login: Login) -> None:
        waited = int(_DELIVERED_WITHIN * 1000)
        self._producer = Producer(
            login.client(**{"enable.idempotence": True, "linger.ms": 2, "message.timeout.ms": waited})
        )

    async def send(self, values: Iterable[Value]) -> list[Record]:
        """Write `values`; returns the records' positions, in the order they were confirmed."""
        return await asyncio.to_thread(self._send, list(values))

    def _send(self, values: Sequence[Value]) -> list[Record]:
        records: list[Record] = []
        refused: list[str] = []

        def delivered(error: KafkaError | None, message: Any) -> None:
            if error is not None:
                refused.append(error.str())
            else:
                records.append(Record(message.topic(), message.partition(), message.offset()))

        for value in values:
            self._produce(value, delivered)
            self._producer.poll(0)
        left = self._producer.flush(2 * _DELIVERED_WITHIN)
        if refused or left:
            raise Unavailable(f"Kafka did not take {len(refused) + left} records: {(refused or ['no answer'])[0]}")
        return records

    def _produce(self, value: Value, delivered: Any) -> None:
        while True:
            try:
                self._producer.produce(
                    value.topic, key=value.key, value=value.value, headers=list(value.headers), on_delivery=delivered
                )
            except BufferError:  # its queue is full: let it work
                self._producer.poll(0.1)
            else:
                return


def values(events: Iterable[Event], schemas: dict[str, int]) -> list[Value]:
    """Records of `events`, every other one framed with its topic's number in `schemas`, where it has one there."""
    records = []
    for number, event in enumerate(events):
        topic, body = topic_of(event), encode(event)
        framed = number % 2 == 1 and topic in schemas
        records.append(Value(topic, event.client, registry_framed(schemas[topic], body) if framed else body))
    return records
