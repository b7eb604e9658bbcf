"""Tokens from a metadata server that works, fails, hangs or answers garbage."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import DeadlineExceeded, Unavailable
from shared.gcp.metadata import MetadataIdentity
from tests.support.deadlines import plenty
from tests.support.emulators import free_port
from tests.support.eventually import eventually

AUDIENCE = "https://risk.example.com"


class Server:
    """A metadata server: `lives` are the seconds its tokens live, `answer` replaces what it answers."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.lives = 3600.0
        self.answer: Callable[[], Awaitable[web.Response]] | None = None
        self.host = ""
        self.clock = ManualClock()

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        if self.answer is not None:
            return await self.answer()
        claims = json.dumps(
            {"aud": request.query["audience"], "exp": int(self.clock.now().timestamp() + self.lives)}
        ).encode()
        return web.Response(text=f"e30.{base64.urlsafe_b64encode(claims).decode()}.{len(self.requests)}\n")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_get("/computeMetadata/v1/instance/service-accounts/default/identity", server.handle)
    async with TestServer(app) as running:
        server.host = f"127.0.0.1:{running.port}"
        yield server


@pytest.fixture
async def identity(server: Server) -> AsyncIterator[MetadataIdentity]:
    identity = MetadataIdentity(server.host, server.clock)
    yield identity
    await identity.close()


def soon() -> Deadline:
    return plenty()


async def fails() -> web.Response:
    return web.Response(status=500, text="secret details")


async def hangs() -> web.Response:
    await asyncio.Event().wait()  # cut short when the client goes
    return web.Response()


async def test_a_token_is_asked_for_as_google_wants_it(server: Server, identity: MetadataIdentity) -> None:
    token = await identity.token(AUDIENCE, soon())
    (request,) = server.requests
    assert request.headers["Metadata-Flavor"] == "Google"
    assert dict(request.query) == {"audience": AUDIENCE, "format": "full"}
    assert token.endswith(".1")


async def test_a_token_is_kept_for_its_audience(server: Server, identity: MetadataIdentity) -> None:
    first = [await identity.token(AUDIENCE, soon()) for _ in range(3)]
    other = await identity.token("https://other.example.com", soon())
    assert len(set(first)) == 1
    assert other not in first
    assert len(server.requests) == 2


async def test_requests_at_once_share_one_renewal(server: Server, identity: MetadataIdentity) -> None:
    tokens = await asyncio.gather(*(identity.token(AUDIENCE, soon()) for _ in range(20)))
    assert len(set(tokens)) == 1
    assert len(server.requests) == 1


async def test_a_request_that_gives_up_does_not_take_the_renewal_from_the_others(
    server: Server, identity: MetadataIdentity
) -> None:
    first = asyncio.ensure_future(identity.token(AUDIENCE, soon()))
    second = asyncio.ensure_future(identity.token(AUDIENCE, soon()))
    await asyncio.sleep(0)
    first.cancel()
    assert len((await second).split(".")) == 3


async def test_a_token_is_renewed_five_minutes_before_it_expires(server: Server, identity: MetadataIdentity) -> None:
    first = await identity.token(AUDIENCE, soon())
    await server.clock.advance(3600 - 310)
    assert await identity.token(AUDIENCE, soon()) == first
    await server.clock.advance(20)
    assert await identity.token(AUDIENCE, soon()) != first


async def test_a_token_that_is_still_good_serves_while_the_server_fails(
    server: Server, identity: MetadataIdentity
) -> None:
    first = await identity.token(AUDIENCE, soon())
    server.answer = fails
    await server.clock.advance(3600 - 290)
    assert [await identity.token(AUDIENCE, soon()) for _ in range(20)] == [first] * 20
    assert len(server.requests) <= 3
    server.answer = None
    await server.clock.advance(20)
    assert await identity.token(AUDIENCE, soon()) != first


async def test_a_request_with_a_good_token_waits_for_a_renewal_a_moment_only(
    server: Server, identity: MetadataIdentity
) -> None:
    first = await identity.token(AUDIENCE, soon())
    server.answer = hangs
    await server.clock.advance(3600 - 290)
    waiting = asyncio.ensure_future(identity.token(AUDIENCE, Deadline.after(10, server.clock)))
    await eventually(lambda: len(server.requests) == 2)
    await server.clock.advance(0.05)
    assert await waiting == first
    assert [await identity.token(AUDIENCE, soon()) for _ in range(20)] == [first] * 20
    assert len(server.requests) == 2


async def test_an_expired_token_is_not_sent(server: Server, identity: MetadataIdentity) -> None:
    await identity.token(AUDIENCE, soon())
    server.answer = fails
    await server.clock.advance(3600)
    with pytest.raises(Unavailable):
        await identity.token(AUDIENCE, soon())


async def test_a_server_that_fails_once_is_asked_again(server: Server, identity: MetadataIdentity) -> None:
    async def fails_once() -> web.Response:
        server.answer = None
        return await fails()

    server.answer = fails_once
    assert (await identity.token(AUDIENCE, soon())).endswith(".2")


async def test_a_server_that_keeps_failing_is_unavailable_and_recovers(
    server: Server, identity: MetadataIdentity
) -> None:
    server.answer = fails
    with pytest.raises(Unavailable) as raised:
        await identity.token(AUDIENCE, soon())
    assert "secret details" not in str(raised.value)
    assert len(server.requests) == 2
    server.answer = None
    assert await identity.token(AUDIENCE, soon())


async def test_a_server_that_hangs_costs_the_deadline_and_no_more(server: Server, identity: MetadataIdentity) -> None:
    server.answer = hangs
    waiting = asyncio.ensure_future(identity.token(AUDIENCE, Deadline.after(0.1, server.clock)))
    await eventually(lambda: len(server.requests) == 1)
    await server.clock.advance(0.1)
    with pytest.raises(DeadlineExceeded):
        await waiting
    server.answer = None
    assert await identity.token(AUDIENCE, soon())


@pytest.mark.parametrize("body", [b"", b"not a token", b"a.b.c", b"\xff\xfe", b"e30.e30.x", b"<html>.</html>."])
async def test_an_answer_that_is_no_token_is_unavailable(
    server: Server, identity: MetadataIdentity, body: bytes
) -> None:
    async def garbage() -> web.Response:
        return web.Response(body=body)

    server.answer = garbage
    with pytest.raises(Unavailable):
        await identity.token(AUDIENCE, soon())


async def test_without_a_server_there_is_no_token() -> None:
    identity = MetadataIdentity(f"127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable):
        await identity.token(AUDIENCE, soon())
    await identity.close()
