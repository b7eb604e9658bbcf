"""Faults between Kafka and the features, injected on purpose, and the outcome for every record."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from local.kafka.acls import BrokerAdmin
from local.kafka.arrivals import Record
from local.kafka.broker import ADMIN
from local.kafka.connect import connectors
from local.kafka.feature_check import differing, expected_features, stored_features
from local.kafka.polling import wait_until
from local.kafka.producer import Value, values
from local.kafka.stack import KafkaStack
from local.stack.process import ServerProcess
from shared.composition.ports import Ports
from shared.events.events import Event, Transaction

TOPIC = "transactions"
MOVED = 300
"""Transactions in the stream of a fault that needs one."""

_FEW = 20
_ARRIVED_WITHIN = 120.0  # seconds
_NULL_HEADER = (("trace", None),)


@dataclass(frozen=True, slots=True)
class FaultOutcome:
    """One fault: Kafka records in, Pub/Sub messages out, events counted of `countable`, dead letters, whether the
    features are those of a clean history (`exact`), and a description of what happened.
    """

    fault: str
    records: int
    messages: int
    countable: int
    counted: int
    dead_letters: int
    exact: bool
    description: str

    @property
    def duplicates(self) -> int:
        """Messages beyond the first of each record."""
        return self.messages - self.records

    @property
    def holds(self) -> bool:
        """Whether nothing was lost or counted twice."""
        return self.exact and self.counted == self.countable and self.duplicates >= 0


@dataclass(slots=True)
class FaultTrial:
    """One stack and the events that it is sent. `sent` are all that count, `records` those of the present fault."""

    kafka: KafkaStack
    store: Ports
    events: Iterator[Event]
    sent: list[Event] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    async def run(self, fault: str) -> FaultOutcome:
        """Inject one of `FAULTS`, by name; returns once its records have arrived, or after 120 s."""
        self.records = []
        before, letters = await stored_features(self.store), await self.kafka.messaging.dead_letters()
        already = len(self.sent)
        description = await FAULTS[fault](self)
        await self.kafka.arrivals.all(self.records, _ARRIVED_WITHIN)
        after, clean = await stored_features(self.store), await expected_features(self.store, self.sent)
        return FaultOutcome(
            fault=fault,
            records=len(self.records),
            messages=self.kafka.arrivals.messages(self.records),
            countable=len(self.sent) - already,
            counted=after.counted - before.counted,
            dead_letters=await self.kafka.messaging.dead_letters() - letters,
            exact=not differing(after, clean),
            description=description,
        )

    async def send(self, count: int, headers: Sequence[tuple[str, bytes | None]] = ()) -> list[Record]:
        """Write the next events to Kafka."""
        events = list(islice((event for event in self.events if isinstance(event, Transaction)), count))
        written = [Value(value.topic, value.key, value.value, headers) for value in values(events, self.kafka.schemas)]
        self.sent += events
        return await self._write(written)

    async def broken(self, value: bytes | None) -> list[Record]:
        """Write a record that is no event."""
        return await self._write([Value(TOPIC, "nobody", value)])

    async def _write(self, produced: Sequence[Value]) -> list[Record]:
        records = await self.kafka.producer.send(produced)
        self.records += records
        return records


async def _nothing(trial: FaultTrial) -> str:
    await trial.send(MOVED)
    return "both framings, in turns"


async def _connect_killed(trial: FaultTrial) -> str:
    """Kill the worker while it sends, and let it be started again."""
    worker = trial.kafka.connect.process
    restarts = worker.restarts
    await trial.send(MOVED // 2)
    await worker.kill()
    await trial.send(MOVED // 2)
    await _back(worker, restarts)
    return "kill -9 in mid-stream; what was not committed is sent again"


async def _emulator_killed(trial: FaultTrial) -> str:
    """Kill Pub/Sub's emulator, which holds everything in memory, while it is sent to."""
    emulator = trial.kafka.messaging.processes["pubsub"]
    restarts = emulator.restarts
    begin = await trial.send(MOVED // 2)
    await emulator.kill()
    await trial.send(MOVED // 2)
    await _back(emulator, restarts)
    await trial.kafka.messaging.create_topology()
    await _committed(trial)
    lost = {record for _, record in trial.kafka.arrivals.missing(trial.records)}
    # Pub/Sub keeps what it has confirmed; its emulator does not, so that part is sent again from Kafka.
    await trial.kafka.connect.rewind(TOPIC, _first(begin))
    return f"{len(lost)} records died with its memory; sent again from Kafka's offsets before it"


async def _poison(trial: FaultTrial) -> str:
    await trial.send(_FEW)
    await trial.broken(b"\xff\xff")
    await trial.send(_FEW)
    return "one record that is no Avro, a dead letter of each receiver"


async def _tombstone(trial: FaultTrial) -> str:
    await trial.send(_FEW)
    await trial.broken(None)
    await trial.send(_FEW)
    return "one null value: what happened cannot be deleted, a dead letter of each receiver"


async def _null_header(trial: FaultTrial) -> str:
    await trial.send(_FEW, _NULL_HEADER)
    return "headers are not published, so a null one does nothing"


async def _dead_task(trial: FaultTrial) -> str:
    """Publish headers, though a null one kills the task; then do what the runbook says."""
    kafka = trial.kafka
    connector = next(candidate for candidate in connectors() if candidate["name"] == TOPIC)
    await kafka.connect.replace(connector, **{"headers.publish": "true"})
    await kafka.running(connector)
    await trial.send(_FEW, _NULL_HEADER)
    await wait_until(lambda: _failed(kafka), "the death of a task", _ARRIVED_WITHIN)
    dead = await kafka.connect.metric(f'kafka_connect_failed_tasks{{connector="{TOPIC}"}}')
    await trial.send(_FEW)
    await kafka.connect.put(connector)
    await kafka.connect.restart(TOPIC)
    return f"a null header kills a task that publishes them: {dead:.0f} failed, told by the metric; put right"


FAULTS: Mapping[str, Callable[[FaultTrial], Awaitable[str]]] = {
    "none": _nothing,
    "Kafka Connect killed": _connect_killed,
    "Pub/Sub emulator killed": _emulator_killed,
    "poison record": _poison,
    "null value": _tombstone,
    "null header": _null_header,
    "dead task": _dead_task,
}
"""By name, in the order they are done."""


def _first(records: Sequence[Record]) -> dict[int, int]:
    """The first offset of each partition."""
    first: dict[int, int] = {}
    for record in records:
        first[record.partition] = min(record.offset, first.get(record.partition, record.offset))
    return first


async def _committed(trial: FaultTrial) -> None:
    """Wait until Connect has committed the offsets of all records of this fault."""
    access = BrokerAdmin(trial.kafka.login(ADMIN))
    last: dict[int, int] = {}
    for record in trial.records:
        last[record.partition] = max(record.offset, last.get(record.partition, 0))

    async def done() -> bool:
        committed = await access.committed(f"connect-{TOPIC}")
        return all(committed.get((TOPIC, partition), 0) > offset for partition, offset in last.items())

    await wait_until(done, "the commit of what was sent", _ARRIVED_WITHIN)


async def _back(process: ServerProcess, restarts: int) -> None:
    """Wait until a process that had been restarted `restarts` times has been restarted again and serves."""

    async def revived() -> bool:
        return process.restarts > restarts and process.ready.is_set()

    await wait_until(revived, f"the return of {process.name}", _ARRIVED_WITHIN)


async def _failed(kafka: KafkaStack) -> bool:
    return "FAILED" in await kafka.connect.tasks(TOPIC)
