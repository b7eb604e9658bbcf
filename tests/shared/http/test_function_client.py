"""One function calls another, against a real server that works, fails, hangs and talks nonsense."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, Misconfigured, SlackerError, Unavailable
from shared.http.function_client import FunctionClient
from shared.storage.documents import MAX_STATE_BYTES
from tests.support.giving_up import given_up, unhurried
from tests.support.served import served


class FixedIdentity:
    """Proves nothing to anybody, or fails, or hangs."""

    def __init__(self, trouble: BaseException | None = None, *, hang: bool = False) -> None:
        self.trouble, self.hang = trouble, hang

    async def token(self, audience: str, deadline: Deadline) -> str:
        if self.hang:
            await asyncio.Event().wait()
        if self.trouble is not None:
            raise self.trouble
        return f"token-for-{audience}"

    async def close(self) -> None:
        """Hold nothing."""


@asynccontextmanager
async def raw(reply: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    replying: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        replying.add(task)
        try:
            await reply(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    await asyncio.gather(*replying)


async def post(
    url: str, deadline: Deadline | None = None, identity: FixedIdentity | None = None, times: int = 1
) -> bytes:
    hop = FunctionClient(identity or FixedIdentity())
    try:
        answer = b""
        for _ in range(times):
            answer = await hop.post(url, b'{"a":1}', {"traceparent": "x"}, deadline or unhurried())
        return answer
    finally:
        await hop.close()


async def test_body_headers_and_a_token_for_the_service_arrive() -> None:
    seen: dict[str, str] = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(request.headers, body=await request.text())
        return web.Response(body=b"answer")

    async with served(handler) as url:
        assert await post(url) == b"answer"
    assert (seen["body"], seen["traceparent"], seen["Authorization"]) == ('{"a":1}', "x", f"Bearer token-for-{url}")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (201, Invalid),
        (204, Invalid),
        (302, Invalid),
        (400, Invalid),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Misconfigured),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
async def test_every_status_but_200_is_an_error_that_says_whose_fault_it_is(
    status: int, error: type[SlackerError]
) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"location": "/elsewhere"})

    async with served(handler) as url:
        with pytest.raises(error, match=str(status)):
            await post(url)


async def test_a_service_that_hangs_is_given_up_at_the_deadline() -> None:
    called = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        called.set()
        await asyncio.Event().wait()
        return web.Response()

    async with served(handler) as url:
        with pytest.raises(DeadlineExceeded):
            await given_up(lambda deadline: post(url, deadline), called.is_set)


async def test_a_body_that_trickles_is_given_up_at_the_deadline() -> None:
    begun = asyncio.Event()

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")
        await writer.drain()
        begun.set()
        await reader.read()  # until the client hangs up

    async with raw(reply) as url:
        with pytest.raises(DeadlineExceeded):
            await given_up(lambda deadline: post(url, deadline), begun.is_set)


async def test_nobody_listening_counts_as_down() -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Never called: the server is gone when it is asked."""

    async with raw(reply) as url:
        pass
    with pytest.raises(Unavailable):
        await post(url)


async def test_an_answer_that_is_not_http_counts_as_down() -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x00\x01 hello\r\n\r\n")

    async with raw(reply) as url:
        with pytest.raises(Unavailable):
            await post(url)


async def test_an_answer_without_end_is_cut_off() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x" * 100_000)
        return response

    async with served(handler) as url:
        with pytest.raises(Unavailable, match="more than"):
            await post(url)


async def test_an_answer_too_long_to_be_put_on_record_with_its_commands_is_none() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * (MAX_STATE_BYTES // 3))

    async with served(handler) as url:
        with pytest.raises(Unavailable, match="more than"):
            await post(url)


async def test_a_connection_gone_stale_is_replaced_without_a_word() -> None:
    connections = 0

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"}")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        await writer.drain()
        if connections == 1:
            await reader.readuntil(b"\r\n\r\n")  # the next request on this connection, which is then closed unanswered

    async with raw(reply) as url:
        assert await post(url, times=2) == b"ok"
    assert connections == 2


async def test_a_service_that_always_hangs_up_is_tried_twice_and_no_more() -> None:
    connections = 0

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"}")

    async with raw(reply) as url:
        with pytest.raises(Unavailable):
            await post(url)
    assert connections == 2


async def test_without_a_token_nobody_is_asked() -> None:
    with pytest.raises(Unavailable, match="metadata"):
        await post("http://127.0.0.1:1/", identity=FixedIdentity(Unavailable("metadata")))


async def test_a_token_that_does_not_come_is_given_up_at_the_deadline() -> None:
    with pytest.raises(DeadlineExceeded):
        await given_up(lambda deadline: post("http://127.0.0.1:1/", deadline, FixedIdentity(hang=True)))
