"""How many events a second come from Kafka into Pub/Sub, and how long one takes until it is a feature.

On Google's emulator, whose limits are not those of Pub/Sub: so each figure stands beside the same messages, published
to the same emulator directly in the same run. Needs what `python -m local kafka` needs; without it, measures nothing.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import uvloop
from rich.console import Console

from bench import pushes
from bench.measurement import Measurement, informs, ratio_at_least, ratio_at_most
from local.kafka import prerequisites
from local.kafka.acls import BrokerAdmin
from local.kafka.arrivals import Record
from local.kafka.broker import ADMIN
from local.kafka.connect import connectors, transformation
from local.kafka.polling import wait_until
from local.kafka.producer import Value, values
from local.kafka.stack import KafkaStack
from local.replay.rate import RateLimiter
from local.stack.stack import PROJECT, Settings
from shared.deadline import Deadline
from shared.events.avro.events import topic_of
from shared.events.events import Event
from shared.events.receiver import KEY
from shared.messaging.messages import Message

RATE_GOAL, P99_GOAL = 0.1, 3.0

_RECORDS = 40_000
_BURST = 500
_AT_ONCE = 1_000  # what Pub/Sub takes in one request
_EACH_SECOND = 20  # events, every other one by Kafka, while latency is measured: the emulator pushes few
_WITHIN = 300.0  # seconds
_SINK = "bench-sink"
_COMMITS = {"offset.flush.interval.ms": "500"}  # as often as they are looked at


def measure(seconds: float) -> list[Measurement]:
    """Rate, and latency over so many seconds."""
    console = Console(stderr=True)
    missing = prerequisites.missing()
    if missing:
        console.print(f"kafka is not measured: {'; '.join(missing)}", style="dim")
        return []
    return uvloop.run(_measured(prerequisites.fetched(console), seconds))


async def _measured(jars: Path, seconds: float) -> list[Measurement]:
    happened = [event for event in pushes.events() if topic_of(event) == "transactions"]
    with TemporaryDirectory() as state:
        async with KafkaStack(Settings(state=Path(state), fresh=True), jars, _COMMITS) as kafka:
            floor = await _published(kafka, happened)
            _, plain, ordered = [await _sunk(kafka, happened, key) for key in ("none", "none", "key")]
            burst = await _featured(kafka, happened[-_BURST:])
            direct, through = await _lags(kafka, happened[: int(seconds * _EACH_SECOND)])
    return [
        ratio_at_least("kafka_rate", plain, floor, "events/s", RATE_GOAL),
        informs("kafka_rate_ordered", ordered, "events/s"),
        informs("kafka_features_rate", burst, "events/s"),
        informs("kafka_p50", _share(through, 0.5), "ms"),
        ratio_at_most("kafka_p99", _share(through, 0.99), _share(direct, 0.99), "ms", P99_GOAL),
    ]


def _share(lags: Sequence[float], share: float) -> float:
    """Milliseconds."""
    return sorted(lags)[int(share * (len(lags) - 1))] * 1000


async def _published(kafka: KafkaStack, happened: Sequence[Event]) -> float:
    """Events a second that are published directly, to a topic nobody gets."""
    await _topic(kafka)
    store = kafka.stack.backend()
    messages = [Message(record.value or b"", {KEY: record.key or ""}) for record in _records(happened)]
    started = time.perf_counter()
    for first in range(0, len(messages), 4 * _AT_ONCE):
        parts = [messages[at : at + _AT_ONCE] for at in range(first, first + 4 * _AT_ONCE, _AT_ONCE)]
        await asyncio.gather(*(store.publisher.publish(_SINK, part, Deadline.after(_WITHIN)) for part in parts if part))
    seconds = time.perf_counter() - started
    await store.close()
    return len(messages) / seconds


async def _topic(kafka: KafkaStack) -> None:
    base = f"http://{kafka.stack.messaging.environment['PUBSUB_EMULATOR_HOST']}/v1/projects/{PROJECT}"
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        await session.put(f"{base}/topics/{_SINK}", json={})


async def _sunk(kafka: KafkaStack, happened: Sequence[Event], ordering: str) -> float:
    """Events a second from Kafka: they are there before the connector starts, which works off all of them."""
    connector = _connector(ordering)
    name, topic = connector["name"], connector["config"]["topics"]
    await kafka.connect.put(connector)
    await kafka.running(connector)
    await kafka.connect.stop(name)
    sent = await kafka.producer.send(_records(happened, topic))
    access, ends = BrokerAdmin(kafka.login(ADMIN)), _ends(sent)
    await kafka.connect.resume(name)
    await kafka.running(connector)
    started = time.perf_counter()

    async def worked_off() -> bool:
        committed = await access.committed(f"connect-{name}")
        return all(committed.get((topic, partition), 0) >= end for partition, end in ends.items())

    await wait_until(worked_off, "the end of the backlog", _WITHIN)
    return len(sent) / (time.perf_counter() - started)


def _connector(ordering: str) -> dict[str, Any]:
    """The connector of transactions on the topic of the example, which nobody else writes to here."""
    deployed = next(connector for connector in connectors() if connector["name"] == "transactions")
    example = transformation()
    changes = {"topics": example["config"]["topics"], "cps.topic": _SINK, "orderingKeySource": ordering}
    return {"name": example["name"], "config": {**deployed["config"], **changes}}


def _records(happened: Sequence[Event], topic: str = "transactions") -> list[Value]:
    return [Value(topic, value.key, value.value) for value in values(islice(happened, _RECORDS), {})]


def _ends(records: Sequence[Record]) -> dict[int, int]:
    """The offset behind the last record of each partition."""
    ends: dict[int, int] = {}
    for record in records:
        ends[record.partition] = max(record.offset + 1, ends.get(record.partition, 0))
    return ends


async def _lags(kafka: KafkaStack, happened: Sequence[Event]) -> tuple[list[float], list[float]]:
    """Seconds from sent to featured, of events that are published directly and of those that go through Kafka, in turns
    and at a steady pace.
    """
    kafka.arrivals.lags.clear()
    records: list[Record] = []

    async def publish(value: Value) -> None:
        await kafka.stack.publish(value.topic, [Message(value.value or b"", {KEY: value.key or ""})])

    async def produce(value: Value) -> None:
        records.extend(await kafka.producer.send([value]))

    limiter = RateLimiter(_EACH_SECOND)
    async with asyncio.TaskGroup() as sending:
        for number, value in enumerate(values(happened, {})):
            await limiter.turn()
            sending.create_task(produce(value) if number % 2 else publish(value))
    if not (await kafka.stack.settled(_WITHIN) and await kafka.arrivals.all(records, _WITHIN)):
        raise RuntimeError("not every event became a feature")
    return kafka.arrivals.seconds, kafka.arrivals.lags


async def _featured(kafka: KafkaStack, happened: Sequence[Event]) -> float:
    """Events a second from Kafka into features, in a burst."""
    started = time.perf_counter()
    records = await kafka.producer.send(values(happened, kafka.schemas))
    if not await kafka.arrivals.all(records, _WITHIN):
        raise RuntimeError("not every record became a feature")
    return len(records) / (time.perf_counter() - started)
