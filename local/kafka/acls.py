"""Topics on the broker, and access control lists as `kafka_connect/acls.json` grants them."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from confluent_kafka.cimpl import NewTopic

from local.kafka.connect import HOME
from shared.errors import Unavailable

PARTITIONS = 3
_TRIED_FOR = 60.0  # seconds
_STORES = ("slacker-connect-configs", "slacker-connect-offsets", "slacker-connect-status")


@dataclass(frozen=True, slots=True)
class Login:
    """How a client connects and logs in; `authority` is the CA certificate that it trusts (PEM)."""

    address: str
    user: str
    password: str
    authority: Path

    def client(self, **others: str | float | bool) -> dict[str, str | int | float | bool]:
        """The settings of a confluent_kafka client, `others` among them."""
        return {
            "bootstrap.servers": self.address,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": self.user,
            "sasl.password": self.password,
            "ssl.ca.location": str(self.authority),
            "log_level": 0,
            **others,
        }


class BrokerAdmin:
    """The broker's administration. Every method raises `Unavailable` where the broker refuses."""

    def __init__(self, login: Login) -> None:
        self._admin = AdminClient(login.client())

    async def topics(self, names: Iterable[str]) -> None:
        """Make topics of events, and those that Connect keeps its state in."""
        events = [NewTopic(name, PARTITIONS, 1) for name in names]
        stores = [NewTopic(name, 1, 1, config={"cleanup.policy": "compact"}) for name in _STORES]
        await self._done(self._admin.create_topics([*events, *stores], operation_timeout=_TRIED_FOR))

    async def grant(self, user: str, rights: Iterable[Mapping[str, Any]]) -> None:
        """Grant rights, in the form that `acls.json` has, to a user."""
        bindings = [
            AclBinding(
                ResourceType[right["type"].upper()], name, ResourcePatternType.LITERAL, f"User:{user}", "*",
                AclOperation[operation], AclPermissionType.ALLOW,
            )
            for right in rights
            for name in right["names"]
            for operation in right["operations"]
        ]  # fmt: skip
        await self._done(self._admin.create_acls(bindings, request_timeout=_TRIED_FOR))

    async def committed(self, group: str) -> dict[tuple[str, int], int]:
        """The committed offsets of a consumer group, by topic and partition."""
        requests = self._admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group)], request_timeout=_TRIED_FOR
        )
        try:
            offsets = await asyncio.wrap_future(requests[group])
        except KafkaException as error:
            raise Unavailable(f"Kafka refused: {error.args[0].str()}") from error
        return {(partition.topic, partition.partition): partition.offset for partition in offsets.topic_partitions}

    async def _done(self, futures: Mapping[Any, Any]) -> None:
        try:
            for future in futures.values():
                await asyncio.wrap_future(future)
        except KafkaException as error:
            raise Unavailable(f"Kafka refused: {error.args[0].str()}") from error


def connect_rights() -> tuple[str, list[dict[str, Any]]]:
    """Connect's user and what it may do, as `acls.json` says it."""
    content = json.loads((HOME / "acls.json").read_text("utf-8"))
    return content["user"], content["rights"]


def read_rights(topic: str, group: str) -> list[dict[str, Any]]:
    """The rights to read a topic in a group."""
    return [
        {"type": "topic", "names": [topic], "operations": ["READ", "DESCRIBE"]},
        {"type": "group", "names": [group], "operations": ["READ"]},
    ]


def write_rights(topics: Iterable[str]) -> list[dict[str, Any]]:
    """The rights to write to topics, without duplicates by retries."""
    return [{"type": "topic", "names": list(topics), "operations": ["WRITE", "DESCRIBE"]}]
