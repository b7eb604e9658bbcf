"""What the broker does with a message until it is acknowledged."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.broker import broker as broker_module
from local.broker import subscription_worker
from local.broker.broker import Broker
from local.broker.topology import Push
from local.stack import tokens
from shared.errors import Misconfigured, NotFound
from shared.messaging.messages import Delivery, Message
from tests.support.builders.broker import HELD, NAME, TOPIC, broker, numbered, status_of, topology, wait_until_settled
from tests.support.endpoint import Endpoint


def refusing(times: int, status: int = 500) -> Callable[[Delivery], int]:
    """An answer that refuses so often, whatever comes, then acknowledges."""
    left = iter(range(times))
    return lambda _: 204 if next(left, None) is None else status


async def test_attempts_are_counted_and_told(tmp_path: Path, endpoint: Endpoint) -> None:
    endpoint.answer = refusing(2)
    async with broker(tmp_path, endpoint.url) as started:
        await started.publish(TOPIC, [Message(b"1")])
        deliveries = await endpoint.until(3)
        await wait_until_settled(started)
    assert [delivery.delivery_attempt for delivery in deliveries] == [1, 2, 3]
    assert len({delivery.id for delivery in deliveries}) == 1


async def test_without_a_dead_letter_policy_attempts_are_not_told_and_do_not_end(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    endpoint.answer = refusing(6)
    async with broker(tmp_path, endpoint.url, dead_letter_topic="", max_attempts=2) as started:
        await started.publish(TOPIC, [Message(b"1")])
        deliveries = await endpoint.until(7)
        await wait_until_settled(started)
    assert [delivery.delivery_attempt for delivery in deliveries] == [None] * 7


async def test_after_the_last_attempt_a_message_is_a_dead_letter_with_its_source(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda delivery: 500 if delivery.message.data == b"poison" else 204
    poison = Message(b"poison", {"name": "value"}, "key")
    async with broker(tmp_path, endpoint.url, max_attempts=3) as started:
        (id_,) = await started.publish(TOPIC, [poison])
        await started.publish(TOPIC, numbered(20))
        await wait_until_settled(started)
        (dead,) = started.waiting(HELD, 10)
        counts = status_of(started)
    attempts = [delivery.delivery_attempt for delivery in endpoint.deliveries if delivery.message.data == b"poison"]
    assert attempts == [1, 2, 3]
    published_at = dead.message.attributes["CloudPubSubDeadLetterSourceTopicPublishTime"]
    assert (dead.message.data, dead.message.ordering_key, dead.id != str(id_)) == (b"poison", "key", True)
    assert published_at.endswith("+00:00")
    assert dead.message.attributes == {
        "name": "value",
        "CloudPubSubDeadLetterSourceDeliveryCount": "3",
        "CloudPubSubDeadLetterSourceSubscription": NAME,
        "CloudPubSubDeadLetterSourceSubscriptionProject": "bank",
        "CloudPubSubDeadLetterSourceTopicPublishTime": published_at,
    }
    assert (counts.acknowledged, counts.refused, counts.dead_lettered) == (20, 3, 1)


async def test_a_push_shows_a_token_for_its_audience_from_the_stacks_key(tmp_path: Path, endpoint: Endpoint) -> None:
    signer = tokens.load_or_create(tmp_path / "key.pem")
    push = Push(endpoint.url, email="pusher@slacker.local", audience="https://risk-features")
    async with broker(tmp_path, push=push, tokens=signer) as started:
        await started.publish(TOPIC, [Message(b"1")])
        await endpoint.until(1)
    header = endpoint.headers["authorization"]
    signer.stripped(header, "https://risk-features", time.time())  # raises unless it is good
    claims = jwt.decode(header.removeprefix("Bearer "), options={"verify_signature": False})
    assert claims["email"] == "pusher@slacker.local"


async def test_without_an_audience_a_token_is_for_the_url(tmp_path: Path, endpoint: Endpoint) -> None:
    signer = tokens.load_or_create(tmp_path / "key.pem")
    async with broker(tmp_path, push=Push(endpoint.url, email="a@b.example"), tokens=signer) as started:
        await started.publish(TOPIC, [Message(b"1")])
        await endpoint.until(1)
    signer.stripped(endpoint.headers["authorization"], endpoint.url, time.time())


async def test_a_taken_port_is_told_and_the_file_let_go(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(Misconfigured, match="in use"):
            await Broker(tmp_path / "broker.sqlite", topology(), port=taken.getsockname()[1]).__aenter__()
        async with broker(tmp_path) as started:
            assert status_of(started).backlog == 0


async def test_a_sink_gets_batches_and_what_it_fails_to_take_again(tmp_path: Path) -> None:
    batches: list[Sequence[Delivery]] = []

    async def fail_first(batch: Sequence[Delivery]) -> None:
        batches.append(batch)
        if len(batches) == 1:
            raise OSError("the disk is full")

    async with broker(tmp_path, sinks={NAME: fail_first}) as started:
        await started.publish(TOPIC, numbered(2500))
        await wait_until_settled(started)
        assert status_of(started).last_refusal == "OSError"
    assert max(len(batch) for batch in batches) == 1000
    assert {delivery.message.data for batch in batches[1:] for delivery in batch} == {
        delivery.data for delivery in numbered(2500)
    }
    first = batches[0][0]
    assert (first.subscription, first.delivery_attempt) == (NAME, 1)


@settings(max_examples=25)
@given(sizes=st.lists(st.integers(1, 40), max_size=12), window=st.integers(2, 30), slowness=st.integers(0, 5))
async def test_whatever_the_backlog_and_the_window_messages_are_delivered_in_order_and_once(
    sizes: list[int], window: int, slowness: int
) -> None:
    got: list[bytes] = []

    async def keep(batch: Sequence[Delivery]) -> None:
        got.extend(delivery.message.data for delivery in batch)
        for _ in range(slowness):
            await asyncio.sleep(0)

    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(subscription_worker, "WINDOW", window)
        patch.setattr(broker_module, "SINK_BATCH", 3)
        async with broker(Path(folder), sinks={NAME: keep}) as started:
            for number, size in enumerate(sizes):
                await started.publish(TOPIC, numbered(size, sum(sizes[:number])))
            await wait_until_settled(started)
    assert got == [message.data for message in numbered(sum(sizes))]


async def test_what_a_restart_finds_goes_on_with_its_attempts(tmp_path: Path, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: 500
    async with broker(tmp_path, endpoint.url, max_backoff=0.01) as started:
        (id_,) = await started.publish(TOPIC, [Message("ключ".encode(), {"ö": "🔑"}, "key")])
        await endpoint.until(3)
        await asyncio.sleep(0.02)
    seen = max(delivery.delivery_attempt or 0 for delivery in endpoint.deliveries)
    endpoint.deliveries.clear()
    endpoint.answer = lambda _: 204
    async with broker(tmp_path, endpoint.url) as started:
        (again,) = await endpoint.until(1)
        await wait_until_settled(started)
    assert (again.id, again.message) == (str(id_), Message("ключ".encode(), {"ö": "🔑"}, "key"))
    assert again.delivery_attempt is not None
    assert again.delivery_attempt >= seen - 1  # an attempt in flight at the end may be uncounted
    async with broker(tmp_path) as started:
        assert started.waiting(NAME, 10) == []


async def test_what_nobody_subscribes_to_is_forgotten(tmp_path: Path) -> None:
    async with broker(tmp_path) as started:
        assert len(await started.publish("nobody-listens", [Message(b"1")])) == 1
        assert [topic.published for topic in started.status().topics] == [0, 0, 1]


async def test_an_unknown_topic_or_subscription_is_not_found(tmp_path: Path) -> None:
    async with broker(tmp_path) as started:
        with pytest.raises(NotFound):
            await started.publish("unknown", [Message(b"1")])
        with pytest.raises(NotFound):
            started.waiting("unknown", 1)


@asynccontextmanager
async def holding(directory: Path, count: int) -> AsyncIterator[Broker]:
    """A broker that holds so many messages."""
    async with broker(directory) as started:
        await started.publish(TOPIC, numbered(count))
        yield started


async def test_what_is_held_stays_and_is_shown_oldest_first(tmp_path: Path) -> None:
    async with holding(tmp_path, 5) as started:
        assert [delivery.message.data for delivery in started.waiting(NAME, 3)] == [b"0", b"1", b"2"]
    async with broker(tmp_path) as started:
        assert status_of(started).backlog == 5
        assert 0 < status_of(started).oldest_seconds < 60
