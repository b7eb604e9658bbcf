"""Stands between an emulator of Pub/Sub and the stack: it adds the token that Pub/Sub itself would push with.

It also does what the emulator cannot do by itself: write the archive, and hold dead letters.
"""

import time
from collections import Counter
from pathlib import Path

import aiohttp
from aiohttp import web

from local.broker.topology import Subscription, Topology
from local.stack.archive import Archive
from local.stack.deliveries import ACKNOWLEDGED
from local.stack.http_listener import HOST, listen
from local.stack.tokens import Tokens
from local.stack.topology import ARCHIVE, HELD
from shared.errors import Malformed, SlackerError
from shared.http.session import read_limited
from shared.messaging.envelope import MAX_BODY, parse_push

_KEEP_ALIVE = 1.5
_TOKEN_FOR = 1800.0  # seconds


class EmulatorProxy:
    """Takes pushes at `url(subscription)`; `acknowledged` counts those acknowledged, by subscription."""

    def __init__(self, tokens: Tokens, topology: Topology, archive: Path) -> None:
        self._tokens = tokens
        self._pushes = {subscription.name: subscription.push for subscription in topology.subscriptions}
        self._archive = Archive(archive)
        self._signed: dict[str, tuple[float, str]] = {}
        self._runner: web.ServerRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._port = 0
        self.acknowledged: Counter[str] = Counter()

    def url(self, subscription: str) -> str:
        """Where the emulator pushes."""
        return f"http://{HOST}:{self._port}/{subscription}"

    def takes(self, subscription: Subscription) -> bool:
        """Whether it is pushed here; one that is not holds its messages in the emulator."""
        return subscription.push is not None or subscription.name.endswith(f".{ARCHIVE}") or subscription.name == HELD

    async def start(self) -> None:
        """Listen on a free port."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE))
        self._runner, self._port = await listen(self._handle, 0, "the gateway")

    async def close(self) -> None:
        """Stop listening, and finish the archive."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()
        await self._archive.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        name = request.path.removeprefix("/")
        body = await read_limited(request.content, MAX_BODY)
        if len(body) > MAX_BODY:
            return web.Response(status=413)
        push = self._pushes.get(name)
        try:
            if push is not None:
                status = await self._pass_on(push.url, push.email, body)
                self.acknowledged[name] += status in ACKNOWLEDGED
                return web.Response(status=status)
            if name.endswith(f".{ARCHIVE}"):
                await self._archive([parse_push(body)])
            self.acknowledged[name] += 1
        except (aiohttp.ClientError, TimeoutError, SlackerError) as error:
            return web.Response(status=400 if isinstance(error, Malformed) else 503)
        return web.Response(status=204)

    async def _pass_on(self, url: str, email: str, body: bytes) -> int:
        if self._session is None:
            raise RuntimeError("start the gateway first")
        headers = {"authorization": f"Bearer {self._token(url, email)}", "content-type": "application/json"}
        async with self._session.post(url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    def _token(self, audience: str, email: str) -> str:
        now = time.time()
        until, token = self._signed.get(audience, (0.0, ""))
        if now >= until:
            token = self._tokens.sign(email, audience, now)
            self._signed[audience] = now + _TOKEN_FOR, token
        return token
