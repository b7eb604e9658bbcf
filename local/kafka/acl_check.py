"""Checks the broker's access control as Kafka Connect's user: what is allowed, and what is refused."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from local.kafka.acls import PARTITIONS, Login
from local.kafka.connect import USER
from local.kafka.stack import FOREIGN_TOPIC, KafkaStack

_WITHIN = 60.0  # seconds, for an answer
_GROUP = "connect-transactions"
_WRONG, _NO_ANSWER = "wrong", "NO_ANSWER"


@dataclass(frozen=True, slots=True)
class AccessAttempt:
    """One attempt; `refused` is the name of the broker's error, and empty where it was allowed."""

    what: str
    refused: str


async def try_access(kafka: KafkaStack) -> list[AccessAttempt]:
    """Make every attempt; returns their results."""
    login = kafka.login(USER)
    what = {
        "reads transactions": lambda: _read(login, "transactions"),
        f"reads {FOREIGN_TOPIC}": lambda: _read(login, FOREIGN_TOPIC),
        "writes transactions": lambda: _write(login, "transactions"),
        "comes with a wrong password": lambda: _refused(replace(login, password=_WRONG).client()),
        "comes without TLS": lambda: _refused(login.client(**{"security.protocol": "SASL_PLAINTEXT"})),
    }
    return [AccessAttempt(name, await asyncio.to_thread(attempt)) for name, attempt in what.items()]


def _read(login: Login, topic: str) -> str:
    consumer = Consumer({**login.client(), "group.id": _GROUP, "enable.auto.commit": False})
    try:
        error = consumer.list_topics(topic, timeout=_WITHIN).topics[topic].error
        if error is not None:
            return _name(error)
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in range(PARTITIONS)])
        message = consumer.poll(_WITHIN)
        return _NO_ANSWER if message is None else _name(message.error())
    finally:
        consumer.close()


def _write(login: Login, topic: str) -> str:
    errors: list[KafkaError | None] = []
    producer = Producer(login.client(**{"message.timeout.ms": int(_WITHIN * 1000)}))
    producer.produce(topic, value=b"", on_delivery=lambda error, _: errors.append(error))
    producer.flush(_WITHIN)
    return _name(errors[0]) if errors else _NO_ANSWER


def _refused(settings: Mapping[str, Any]) -> str:
    errors: list[KafkaError] = []
    configuration: dict[str, Any] = {**settings, "error_cb": errors.append}
    client, until = AdminClient(configuration), time.monotonic() + _WITHIN
    while not errors and time.monotonic() < until:
        client.poll(0.1)
    return _name(errors[0]) if errors else _NO_ANSWER


def _name(error: KafkaError | None) -> str:
    return "" if error is None else error.name()
