"""Sessions are alike wherever they are made; of a body that is too long no more is read than shows it."""

import asyncio
import gzip

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol

from shared.http.session import new_session, read_limited
from tests.support.served import served


async def test_a_session_keeps_no_cookie() -> None:
    async def handler(request: web.Request) -> web.Response:
        response = web.Response(text=request.headers.get("cookie", ""))
        response.set_cookie("seen", "yes")
        return response

    async with served(handler) as url, new_session(keep_alive=1) as client:
        bodies = []
        for _ in range(2):
            async with client.get(url) as response:
                bodies.append(await response.text())
    assert bodies == ["", ""]


async def test_a_session_asks_for_no_compression_and_undoes_none() -> None:
    compressed = gzip.compress(b"{}")

    async def handler(request: web.Request) -> web.Response:
        accepted = request.headers.get("accept-encoding", "nothing")
        return web.Response(body=compressed, headers={"content-encoding": "gzip", "accepted": accepted})

    async with (
        served(handler) as url,
        new_session(keep_alive=1) as client,
        client.get(url) as response,
    ):
        assert (response.headers["accepted"], await response.read()) == ("nothing", compressed)


async def test_a_sessions_headers_go_with_every_request() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=request.headers["accept"])

    async with (
        served(handler) as url,
        new_session(keep_alive=1, headers={"accept": "text/x"}) as client,
        client.get(url) as response,
    ):
        assert await response.text() == "text/x"


async def test_a_session_has_no_timeout_but_that_of_connecting() -> None:
    async with new_session(keep_alive=1, connect_timeout=3) as client:
        timeout = client.timeout
    assert (timeout.total, timeout.connect, timeout.sock_read, timeout.sock_connect) == (None, None, None, 3)


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"", b""), (b"123", b"123"), (b"12345", b"12345"), (b"123456", b"12345")],
)
async def test_a_body_is_read_up_to_one_byte_beyond_the_limit(body: bytes, expected: bytes) -> None:
    loop = asyncio.get_running_loop()
    content = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    for i in range(len(body)):
        content.feed_data(body[i : i + 1])
    content.feed_eof()
    assert await read_limited(content, 4) == expected
