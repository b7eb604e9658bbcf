"""What the broker lets Kafka Connect do, tried as Kafka Connect itself, and what it refuses."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from local.kafka.access import Login
from local.kafka.connect import USER
from local.kafka.stack import OF_NOBODY, KafkaStack

_WITHIN = 20.0  # seconds
_GROUP = "connect-transactions"
_WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing that was tried; `refused` is the broker's word for why not, and empty where it was allowed."""

    what: str
    refused: str


async def tried(kafka: KafkaStack) -> list[Tried]:
    """What came of each."""
    login = kafka.login(USER)
    what = {
        "reads transactions": lambda: _read(login, "transactions"),
        f"reads {OF_NOBODY}": lambda: _read(login, OF_NOBODY),
        "writes transactions": lambda: _write(login, "transactions"),
        "comes with a wrong password": lambda: _enter(replace(login, password=_WRONG).client()),
        "comes without TLS": lambda: _enter(login.client(**{"security.protocol": "SASL_PLAINTEXT"})),
    }
    return [Tried(name, await asyncio.to_thread(attempt)) for name, attempt in what.items()]


def _read(login: Login, topic: str) -> str:
    consumer = Consumer({**login.client(), "group.id": _GROUP, "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in range(3)])
        message = consumer.poll(_WITHIN)
        error = None if message is None else message.error()
        return _name(error)
    finally:
        consumer.close()


def _write(login: Login, topic: str) -> str:
    told: list[KafkaError | None] = []
    producer = Producer(login.client(**{"message.timeout.ms": int(_WITHIN * 1000)}))
    producer.produce(topic, value=b"", on_delivery=lambda error, _: told.append(error))
    producer.flush(_WITHIN)
    return _name(told[0]) if told else "NO_ANSWER"


def _enter(settings: Mapping[str, Any]) -> str:
    told: list[KafkaError] = []
    configuration: dict[str, Any] = {**settings, "error_cb": told.append}
    try:
        AdminClient(configuration).list_topics(timeout=_WITHIN / 4)
    except KafkaException as error:
        return _name(told[0] if told else error.args[0])
    return ""


def _name(error: KafkaError | None) -> str:
    return "" if error is None else error.name()
