"""The broker with endpoints in every kind of trouble: nothing is lost, nobody else is held up."""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.messaging.messages import Delivery, Message
from tests.support.builders.broker import HELD, NAME, TOPIC, broker, numbered, status_of, wait_until, wait_until_settled
from tests.support.emulators import free_port
from tests.support.endpoint import Endpoint, listening


async def test_an_endpoint_that_is_down_gets_everything_once_it_is_up(tmp_path: Path) -> None:
    port = free_port()
    async with broker(tmp_path, f"http://127.0.0.1:{port}/push") as started:
        await started.publish(TOPIC, numbered(30))
        await wait_until(started, NAME, lambda status: bool(status.refused))
        assert status_of(started).last_refusal == "ClientConnectorError"
        async with listening(port) as endpoint:
            await wait_until_settled(started)
            assert {message.message.data for message in endpoint.deliveries} == {
                message.data for message in numbered(30)
            }


async def test_an_outage_costs_few_messages_an_attempt(tmp_path: Path) -> None:
    async with broker(tmp_path, f"http://127.0.0.1:{free_port()}/push", max_backoff=5.0) as started:
        await started.publish(TOPIC, numbered(500))
        begun = asyncio.get_running_loop().time()
        await wait_until(started, NAME, lambda status: status.refused > 10)
        passed = asyncio.get_running_loop().time() - begun
        assert status_of(started).refused <= 10 + 20 * passed  # the first seven, then ten a second


async def test_a_push_that_is_not_answered_in_time_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        async with broker(tmp_path, url, ack_deadline=0.05, max_attempts=2) as started:
            await started.publish(TOPIC, [Message(b"1")])
            await wait_until_settled(started)
            assert status_of(started, HELD).backlog == 1
            assert status_of(started).last_refusal == "TimeoutError"


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 204 No Content\r\nX", b"HTTP/1.1 999\r\n\r\n"])
async def test_a_connection_that_breaks_or_talks_nonsense_is_a_refusal(tmp_path: Path, answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with broker(tmp_path, url, max_attempts=2) as started:
        await started.publish(TOPIC, [Message(b"1")])
        await wait_until_settled(started)
        assert status_of(started).dead_lettered == 1
    server.close()


async def test_an_idle_connection_that_the_other_side_closed_is_no_refusal(tmp_path: Path) -> None:
    """The second push meets a connection that was closed after the first answer."""
    requests = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        requests += 1
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read(1)  # the next request: hung up on
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with broker(tmp_path, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/") as started:
        for number in range(2):
            await started.publish(TOPIC, numbered(1, number))
            await wait_until_settled(started)
        assert (requests, status_of(started).refused) == (2, 0)
    server.close()


async def test_a_crowd_that_is_told_to_slow_down_arrives_in_the_end(tmp_path: Path, endpoint: Endpoint) -> None:
    """An endpoint that takes four at once and answers 429 to the rest."""
    busy = 0

    def admit(_: Delivery) -> int:
        nonlocal busy
        if busy >= 4:
            return 429
        busy += 1
        asyncio.get_running_loop().call_later(0.002, leave)
        return 204

    def leave() -> None:
        nonlocal busy
        busy -= 1

    endpoint.answer = admit
    async with broker(tmp_path, endpoint.url, max_attempts=50) as started:
        await started.publish(TOPIC, numbered(300))
        await wait_until_settled(started)
        assert status_of(started).acknowledged == 300


async def test_one_subscription_in_trouble_does_not_hold_up_another(tmp_path: Path, endpoint: Endpoint) -> None:
    got: list[bytes] = []

    async def keep(batch: Sequence[Delivery]) -> None:
        got.extend(delivery.message.data for delivery in batch)

    endpoint.answer = lambda _: 500
    async with broker(tmp_path, endpoint.url, max_attempts=3, sinks={HELD: keep}) as started:
        await started.publish(TOPIC, numbered(10))
        await wait_until_settled(started)
        await wait_until_settled(started, name=HELD)
    assert sorted(got) == sorted(message.data for message in numbered(10))
