"""The clock calls as Cloud Scheduler does: with its token, again and again, whatever is answered."""

import asyncio
from pathlib import Path

import jwt
from aiohttp import web

from local.stack.http_listener import listen
from local.stack.scheduler import Scheduler
from local.stack.tokens import load_or_create
from tests.support.eventually import PATIENCE


async def test_it_calls_with_the_schedulers_token_until_it_is_stopped_whatever_is_answered(tmp_path: Path) -> None:
    tokens = load_or_create(tmp_path / "key.pem")
    seen: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    statuses = iter([500, 200])

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        seen.put_nowait((request.method, request.headers["authorization"].removeprefix("Bearer ")))
        return web.Response(status=next(statuses, 200))

    runner, port = await listen(answer, 0, "the test")
    url = f"http://127.0.0.1:{port}"
    scheduler = Scheduler(url, tokens, every=0.01)
    scheduler.start()
    try:
        async with asyncio.timeout(PATIENCE):
            calls = [await seen.get() for _ in range(3)]
    finally:
        await scheduler.stop()
        await runner.cleanup()
    claims = jwt.decode(calls[0][1], tokens.key.public_key(), ["RS256"], audience=url)
    assert ({method for method, _ in calls}, claims["email"]) == ({"POST"}, "scheduler@slacker.local")
    assert scheduler.calls >= 1


async def test_nobody_listening_does_not_end_it(tmp_path: Path) -> None:
    scheduler = Scheduler("http://127.0.0.1:9", load_or_create(tmp_path / "key.pem"), every=0.01)
    scheduler.start()
    await asyncio.sleep(0.05)
    assert scheduler._task is not None
    assert not scheduler._task.done()
    await scheduler.stop()
