"""Access tokens from a metadata server: asked for once, renewed in time, and whatever it answers told as what it is."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from local.stack.http_listener import listen
from local.stack.metadata import ACCESS_TOKEN, MetadataServer
from local.stack.tokens import load_or_create
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import DeadlineExceeded, Unavailable
from shared.gcp.access_token import AccessToken
from tests.support.deadlines import plenty
from tests.support.eventually import eventually

GOOD = b'{"access_token": "ya29.x", "expires_in": 3599, "token_type": "Bearer"}'


@dataclass
class Server:
    """A metadata server that answers as told."""

    body: bytes = GOOD
    status: int = 200
    hangs: bool = False
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    host: str = ""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append((request.path, request.headers.get("metadata-flavor")))
        if self.hangs:
            await asyncio.Event().wait()
        return web.Response(body=self.body, status=self.status, content_type="application/json")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    runner, port = await listen(made.handle, 0, "the metadata server")
    made.host = f"127.0.0.1:{port}"
    yield made
    await runner.cleanup()


async def test_one_request_serves_all_who_ask_at_once_and_later(server: Server) -> None:
    access = AccessToken(server.host)
    headers = await asyncio.gather(*(access(plenty()) for _ in range(5)))
    assert [*headers, await access(plenty())] == [{"authorization": "Bearer ya29.x"}] * 6
    assert server.requests == [("/computeMetadata/v1/instance/service-accounts/default/token", "Google")]
    await access.close()


async def test_a_token_is_renewed_five_minutes_before_its_end_and_never_sooner_than_after_fifteen_seconds(
    server: Server,
) -> None:
    clock = ManualClock()
    access = AccessToken(server.host, clock)
    requests = []
    for passed, expires_in in ((0, b"3600"), (3299, b"3600"), (1, b"310"), (14, b"310"), (1, b"310")):
        server.body = GOOD.replace(b"3599", expires_in)
        await clock.advance(passed)
        await access(plenty())
        requests.append(len(server.requests))
    assert requests == [1, 1, 2, 2, 3]
    await access.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"<html>", 200),
        (b"{}", 200),
        (b'{"access_token": 5, "expires_in": 1}', 200),
        (b"\xff", 200),
        (GOOD, 500),
        (GOOD, 404),
    ],
)
async def test_what_is_no_token_is_unavailable(server: Server, body: bytes, status: int) -> None:
    server.body, server.status = body, status
    access = AccessToken(server.host)
    with pytest.raises(Unavailable):
        await access(plenty())
    server.body, server.status = GOOD, 200
    assert await access(plenty()) == {"authorization": "Bearer ya29.x"}
    await access.close()


async def test_a_server_that_hangs_or_is_not_there_is_given_up_in_time(server: Server) -> None:
    server.hangs = True
    access, clock = AccessToken(server.host), ManualClock()
    waiting = asyncio.ensure_future(access(Deadline.after(0.2, clock)))
    await eventually(lambda: server.requests)
    await clock.advance(0.2)
    with pytest.raises(DeadlineExceeded):
        await waiting
    await access.close()
    gone = AccessToken("127.0.0.1:9")
    with pytest.raises(Unavailable):
        await gone(plenty())
    await gone.close()


async def test_the_stacks_own_metadata_server_gives_one(tmp_path: Path) -> None:
    metadata = MetadataServer(load_or_create(tmp_path / "key.pem"), "push@slacker.local", "p")
    await metadata.start()
    access = AccessToken(metadata.host)
    assert await access(plenty()) == {"authorization": f"Bearer {ACCESS_TOKEN}"}
    await access.close()
    await metadata.close()
