"""What every publisher does, whatever it publishes to."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from local.broker.broker import Broker
from local.broker.topology import Subscription, Topology
from shared.deadline import Deadline
from shared.embedded.broker_publisher import BrokerPublisher
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import DeadlineExceeded, Invalid, NotFound
from shared.gcp.pubsub_publisher import PubsubPublisher
from shared.messaging.messages import Message
from shared.messaging.publisher import (
    MAX_ATTRIBUTES,
    MAX_BYTES,
    MAX_MESSAGES,
    MAX_NAME_BYTES,
    MAX_ORDERING_KEY_BYTES,
    MAX_VALUE_BYTES,
    Publisher,
)
from tests.support import pubsub_emulator

TOPIC = "transactions"


@pytest.fixture(params=["memory", "broker", "pubsub"])
async def publisher(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Publisher]:
    """A publisher where there is one topic, `transactions`."""
    async with AsyncExitStack() as stack:
        opened: Publisher
        if request.param == "memory":
            opened = MemoryPublisher({TOPIC})
        elif request.param == "broker":
            topology = Topology(
                project="bank", topics=(TOPIC,), subscriptions=(Subscription(name="held", topic=TOPIC),)
            )
            broker = await stack.enter_async_context(Broker(tmp_path / "broker.sqlite", topology))
            opened = BrokerPublisher(broker.url, "bank")
        else:
            emulator = request.getfixturevalue("pubsub_emulator")
            project = await stack.enter_async_context(pubsub_emulator.project(emulator, [TOPIC], {}))
            opened = PubsubPublisher(project, emulator)
        yield opened
        await opened.close()


async def test_every_message_gets_an_id_of_its_own(publisher: Publisher, soon: Deadline) -> None:
    ids = await publisher.publish(TOPIC, [Message(b"same")] * 3, soon)
    ids += await publisher.publish(TOPIC, [Message(b"same")], soon)
    assert len(set(ids)) == 4
    assert "" not in ids


async def test_publishing_nothing_does_nothing(publisher: Publisher, soon: Deadline) -> None:
    assert await publisher.publish(TOPIC, [], soon) == []


async def test_bytes_and_text_of_every_kind_are_taken(publisher: Publisher, soon: Deadline) -> None:
    messages = [
        Message(bytes(range(256)), {"Schlüssel": 'ключ 🔑 \x00 " \\ \n'}, "ключ"),
        Message(b"", {"tombstone": ""}),
    ]
    assert len(await publisher.publish(TOPIC, messages, soon)) == 2


async def test_more_messages_than_one_request_may_hold_are_all_published(publisher: Publisher, soon: Deadline) -> None:
    ids = await publisher.publish(TOPIC, [Message(b"%d" % n) for n in range(2 * MAX_MESSAGES + 1)], soon)
    assert len(set(ids)) == 2 * MAX_MESSAGES + 1


async def test_more_bytes_than_one_request_may_hold_are_all_published(publisher: Publisher, soon: Deadline) -> None:
    assert len(await publisher.publish(TOPIC, [Message(bytes(4_000_000))] * 3, soon)) == 3


async def test_a_message_at_every_limit_is_published(publisher: Publisher, soon: Deadline) -> None:
    attributes = {f"{n:0{MAX_NAME_BYTES}}": "v" * MAX_VALUE_BYTES for n in range(MAX_ATTRIBUTES)}
    taken = sum(len(name) + len(value) + 16 for name, value in attributes.items()) + MAX_ORDERING_KEY_BYTES + 1040
    full = Message(bytes(MAX_BYTES - taken), attributes, "k" * MAX_ORDERING_KEY_BYTES)
    assert len(await publisher.publish(TOPIC, [full], soon)) == 1


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (Message(b""), "/messages/1"),
        (Message(bytes(MAX_BYTES)), "/messages/1"),
        (Message(b"1", {str(n): "" for n in range(MAX_ATTRIBUTES + 1)}), "/messages/1/attributes"),
        (Message(b"1", {"": "empty"}), "/messages/1/attributes"),
        (Message(b"1", {"ö" * 129: "long"}), "/messages/1/attributes"),
        (Message(b"1", {"googclient": "reserved"}), "/messages/1/attributes"),
        (Message(b"1", {"long": "ö" * 513}), "/messages/1/attributes"),
        (Message(b"1", {"half a pair": "\ud800"}), "/messages/1/attributes"),
        (Message(b"1", {}, "k" * (MAX_ORDERING_KEY_BYTES + 1)), "/messages/1/ordering_key"),
        (Message(b"1", {}, "\udfff"), "/messages/1/ordering_key"),
    ],
)
async def test_what_no_topic_takes_is_invalid_by_its_index(
    publisher: Publisher, soon: Deadline, message: Message, field: str
) -> None:
    with pytest.raises(Invalid) as raised:
        await publisher.publish(TOPIC, [Message(b"good"), message], soon)
    assert [problem.field for problem in raised.value.problems] == [field]


async def test_a_topic_that_does_not_exist_is_not_found(publisher: Publisher, soon: Deadline) -> None:
    with pytest.raises(NotFound):
        await publisher.publish("unknown", [Message(b"1")], soon)


async def test_a_call_without_time_left_fails(publisher: Publisher) -> None:
    with pytest.raises(DeadlineExceeded):
        await publisher.publish(TOPIC, [Message(b"1")], Deadline.after(-1))


async def test_what_is_closed_twice_opens_again(publisher: Publisher, soon: Deadline) -> None:
    await publisher.close()
    await publisher.close()
    assert len(await publisher.publish(TOPIC, [Message(b"1")], soon)) == 1
