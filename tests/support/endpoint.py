"""Somewhere to push to: an HTTP server on loopback that keeps what came and answers as it is told."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from shared.messaging.envelope import parse_push
from shared.messaging.messages import Delivery

Answer = Callable[[Delivery], int]


@dataclass(slots=True)
class Endpoint:
    """`answer` gives the status for a delivery; `deliveries` are what came, `headers` those of the last push."""

    url: str = ""
    answer: Answer = lambda _: 204
    deliveries: list[Delivery] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, count: int, seconds: float = 60.0) -> list[Delivery]:
        """The deliveries, once there are `count`."""
        async with asyncio.timeout(seconds), self._came:
            await self._came.wait_for(lambda: len(self.deliveries) >= count)
        return self.deliveries

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Keep one push and answer it."""
        received = parse_push(await request.read())
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        async with self._came:
            self.deliveries.append(received)
            self._came.notify_all()
        return web.Response(status=self.answer(received))


@asynccontextmanager
async def listening(port: int = 0) -> AsyncIterator[Endpoint]:
    """An endpoint that acknowledges everything until told otherwise."""
    endpoint = Endpoint()
    runner = web.ServerRunner(web.Server(endpoint.handle), shutdown_timeout=0.1)
    await runner.setup()
    bound = socket.create_server(("127.0.0.1", port))
    await web.SockSite(runner, bound).start()
    endpoint.url = f"http://127.0.0.1:{bound.getsockname()[1]}/push"
    yield endpoint
    await runner.cleanup()
