"""The publisher when its broker is away, hangs, resets, or answers nonsense; all being well is conformance."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from local.broker.broker import Broker
from local.broker.topology import Topology
from shared.deadline import Deadline
from shared.embedded.broker_publisher import BrokerPublisher
from shared.embedded.manual_clock import ManualClock
from shared.errors import DeadlineExceeded, Invalid, Misconfigured, NotFound, SlackerError, Unavailable
from shared.messaging.messages import Message
from tests.support.emulators import free_port
from tests.support.eventually import eventually
from tests.support.giving_up import given_up, unhurried

MESSAGES = [Message(b"somebody's salary", {"name": "somebody"})]
GOOD = {"messageIds": ["1"]}

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def publisher_at(address: str) -> AsyncIterator[BrokerPublisher]:
    publisher = BrokerPublisher(f"http://{address}", "bank")
    yield publisher
    await publisher.close()


@asynccontextmanager
async def served(handler: Handler, port: int = 0) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    bound = socket.create_server(("127.0.0.1", port))
    await web.SockSite(runner, bound).start()
    yield f"127.0.0.1:{bound.getsockname()[1]}"
    await runner.cleanup()


def scripted(*replies: web.Response) -> tuple[Handler, list[object]]:
    """A handler that gives these replies, the last again and again, and the bodies it has seen."""
    seen: list[object] = []

    async def handle(request: web.BaseRequest) -> web.Response:
        seen.append(json.loads(await request.read()))
        reply = replies[min(len(seen), len(replies)) - 1]
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)

    return handle, seen


async def test_without_an_address_it_says_what_to_set() -> None:
    with pytest.raises(Misconfigured, match="SLACKER_BROKER"):
        await BrokerPublisher("", "bank").publish("events", MESSAGES, unhurried())


async def test_a_broker_that_is_down_is_unavailable_well_within_the_deadline() -> None:
    deadline = unhurried()
    async with publisher_at(f"127.0.0.1:{free_port()}") as publisher:
        with pytest.raises(Unavailable):
            await publisher.publish("events", MESSAGES, deadline)
    assert deadline.remaining() > 58


async def test_a_broker_that_never_answers_costs_the_deadline_and_no_more() -> None:
    called = asyncio.Event()

    async def hang(request: web.BaseRequest) -> web.Response:
        called.set()
        await asyncio.Event().wait()
        return web.Response()

    async with served(hang) as address, publisher_at(address) as publisher:
        with pytest.raises(DeadlineExceeded):
            await given_up(lambda deadline: publisher.publish("events", MESSAGES, deadline), called.is_set)


async def test_a_broker_that_comes_up_later_gets_the_message(tmp_path: Path) -> None:
    port, clock = free_port(), ManualClock()
    async with publisher_at(f"127.0.0.1:{port}") as publisher:
        publishing = asyncio.create_task(publisher.publish("events", MESSAGES, Deadline.after(20, clock)))
        await eventually(lambda: clock.asleep)  # the first attempt met nobody
        async with Broker(tmp_path / "broker.sqlite", Topology(project="bank", topics=("events",)), port=port):
            await clock.advance(1)
            assert len(await publishing) == 1


@pytest.mark.parametrize(
    "reply",
    [
        web.Response(status=503),
        web.Response(status=500, text="<html>"),
        web.Response(status=429),
        web.Response(status=302, headers={"location": "/elsewhere"}),
        web.Response(text="garbage"),
        web.Response(body=b"\xff" * 10),
        web.json_response({}),
        web.json_response({"messageIds": "1"}),
        web.json_response({"messageIds": []}),
        web.json_response({"messageIds": ["1", "2"]}),
        web.Response(body=b" " * 2_000_000),
    ],
)
async def test_what_is_no_confirmation_is_asked_for_again_and_in_the_end_unavailable(reply: web.Response) -> None:
    handler, seen = scripted(reply, reply, web.json_response(GOOD))
    async with served(handler) as address, publisher_at(address) as publisher:
        assert await publisher.publish("events", MESSAGES, unhurried()) == ["1"]
    assert len(seen) == 3
    handler, seen = scripted(reply)
    async with served(handler) as address, publisher_at(address) as publisher:
        with pytest.raises(Unavailable) as raised:
            await publisher.publish("events", MESSAGES, unhurried())
    assert len(seen) == 5
    assert "somebody" not in str(raised.value)


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (400, Invalid), (413, Invalid)])
async def test_what_will_never_work_is_not_repeated(status: int, error: type[SlackerError]) -> None:
    handler, seen = scripted(web.Response(status=status))
    async with served(handler) as address, publisher_at(address) as publisher:
        with pytest.raises(error):
            await publisher.publish("events", MESSAGES, unhurried())
    assert len(seen) == 1


async def test_a_connection_that_is_reset_is_tried_again() -> None:
    handler, _ = scripted(web.json_response(GOOD))
    resets = 2

    async def reset(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal resets
        resets -= 1
        if resets >= 0 and request.transport is not None:
            request.transport.abort()
        return await handler(request)

    async with served(reset) as address, publisher_at(address) as publisher:
        assert await publisher.publish("events", MESSAGES, unhurried()) == ["1"]


async def test_an_answer_that_breaks_off_is_no_confirmation() -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-length": "1000"})
        await response.prepare(request)
        await response.write(b'{"messageIds"')
        assert request.transport is not None
        request.transport.abort()
        return response

    async with served(drip) as address, publisher_at(address) as publisher:
        with pytest.raises(Unavailable):
            await publisher.publish("events", MESSAGES, unhurried())
