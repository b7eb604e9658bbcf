"""What a push subscription does, on the broker as on Pub/Sub's emulator: what both can show.

The emulator counts no attempts, shows no token, and redelivers at its own pace; the broker's own tests go further.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.broker.broker import Broker
from local.broker.topology import Push, Subscription, Topology
from shared.deadline import Deadline
from shared.embedded.broker_publisher import BrokerPublisher
from shared.gcp.pubsub_publisher import PubsubPublisher
from shared.messaging.messages import Message
from shared.messaging.publisher import Publisher
from tests.support import pubsub_emulator as emulated
from tests.support.endpoint import Endpoint, listening

TOPIC = "transactions"


@dataclass(frozen=True, slots=True)
class Pushed:
    """A topic with one subscription of its name, which pushes to the endpoint."""

    publisher: Publisher
    endpoint: Endpoint


@pytest.fixture(params=["broker", "pubsub"])
async def pushed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pushed]:
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(listening())
        opened: Publisher
        if request.param == "broker":
            subscription = Subscription(name=TOPIC, topic=TOPIC, push=Push(endpoint.url), max_backoff=1.0)
            topology = Topology(project="bank", topics=(TOPIC,), subscriptions=(subscription,))
            broker = await stack.enter_async_context(Broker(tmp_path / "broker.sqlite", topology))
            opened = BrokerPublisher(broker.url, "bank")
        else:
            emulator = request.getfixturevalue("pubsub_emulator")
            subscribed = emulated.project(emulator, [TOPIC], {TOPIC: endpoint.url})
            opened = PubsubPublisher(await stack.enter_async_context(subscribed), emulator)
        yield Pushed(opened, endpoint)
        await opened.close()


async def test_what_is_published_is_pushed_whole(pushed: Pushed, soon: Deadline) -> None:
    message = Message(bytes(range(256)), {"Schlüssel": 'ключ 🔑 " \\ \n', "empty": ""})
    before = datetime.now(UTC)
    (id_,) = await pushed.publisher.publish(TOPIC, [message], soon)
    (received,) = await pushed.endpoint.until(1)
    assert (received.message, received.id, received.subscription) == (message, id_, TOPIC)
    assert abs(received.published_at - before) < timedelta(minutes=1)


async def test_a_message_without_data_is_pushed_as_an_empty_one(pushed: Pushed, soon: Deadline) -> None:
    message = Message(b"", {"key": "of a tombstone"})
    await pushed.publisher.publish(TOPIC, [message], soon)
    assert [received.message for received in await pushed.endpoint.until(1)] == [message]


async def test_all_of_many_are_pushed_and_what_is_acknowledged_does_not_come_again(
    pushed: Pushed, soon: Deadline
) -> None:
    ids = await pushed.publisher.publish(TOPIC, [Message(b"%d" % n) for n in range(50)], soon)
    await pushed.endpoint.until(50)
    last = await pushed.publisher.publish(TOPIC, [Message(b"last")], soon)
    await pushed.endpoint.until(51)
    assert sorted(received.id for received in pushed.endpoint.deliveries) == sorted([*ids, *last])


@pytest.mark.parametrize("status", [301, 429, 503])
async def test_what_is_refused_comes_again_until_it_is_acknowledged(
    pushed: Pushed, soon: Deadline, status: int
) -> None:
    statuses = iter([status, status, 200])
    pushed.endpoint.answer = lambda _: next(statuses)
    message = Message(b"refused twice", {"a": "b"})
    (id_,) = await pushed.publisher.publish(TOPIC, [message], soon)
    deliveries = await pushed.endpoint.until(3)
    assert [(received.message, received.id) for received in deliveries] == [(message, id_)] * 3


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_each_of_these_statuses_acknowledges(pushed: Pushed, soon: Deadline, status: int) -> None:
    pushed.endpoint.answer = lambda _: status
    (first,) = await pushed.publisher.publish(TOPIC, [Message(b"1")], soon)
    await pushed.endpoint.until(1)
    (second,) = await pushed.publisher.publish(TOPIC, [Message(b"2")], soon)
    assert [received.id for received in await pushed.endpoint.until(2)] == [first, second]


async def test_an_ordering_key_travels_with_its_message(tmp_path: Path, soon: Deadline) -> None:
    """By push; the emulator leaves it out of what it pushes, so there the next test pulls."""
    message = Message(b"1", {}, "ключ-7")
    async with listening() as endpoint:
        subscription = Subscription(name=TOPIC, topic=TOPIC, push=Push(endpoint.url))
        topology = Topology(project="bank", topics=(TOPIC,), subscriptions=(subscription,))
        async with Broker(tmp_path / "broker.sqlite", topology) as broker:
            publisher = BrokerPublisher(broker.url, "bank")
            await publisher.publish(TOPIC, [message], soon)
            assert [received.message for received in await endpoint.until(1)] == [message]
            await publisher.close()


async def test_pubsub_has_every_part_of_a_message(pubsub_emulator: str, soon: Deadline) -> None:
    message = Message(b"\x00\xff", {"a": "ö", "b": ""}, "ключ-7")
    async with emulated.project(pubsub_emulator, [TOPIC], {TOPIC: ""}) as project:
        publisher = PubsubPublisher(project, pubsub_emulator)
        (id_,) = await publisher.publish(TOPIC, [message], soon)
        (received,) = await emulated.pulled(pubsub_emulator, project, TOPIC)
        await publisher.close()
    parts = (received["data"], received["attributes"], received["orderingKey"], received["messageId"])
    assert parts == ("AP8=", message.attributes, message.ordering_key, id_)
