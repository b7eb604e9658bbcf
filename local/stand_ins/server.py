"""A stand-in as an HTTP server on loopback: it checks a credential, fails as its switches say, and has a page.

Beside what it plays there are `GET /` (a page), `GET /_tables` (the same as JSON), `GET`, `PUT` and `DELETE
/_switches`, and `POST /_switches/{preset}`. These have no credential, as they are of this machine only.
"""

import asyncio
import random
import time
from collections.abc import Callable, Collection
from typing import Self

import msgspec
from aiohttp import web

from local.stack.http_listener import HOST, bind
from local.stand_ins.faults import PRESETS, Fault, Switches, copy, decode
from local.stand_ins.page import page
from local.stand_ins.service import Reply, Request, Service

_MAX_BYTES = 1_000_000
_HANG = 60.0  # seconds; a caller that gives up before cancels it
_GARBAGE = b"<html>\x00 an answer of something else altogether </html>"
_encode = msgspec.json.Encoder().encode


class StandIn:
    """Serves `service`, of itself at `url` while its asynchronous context is entered, or mounted as `application()`.

    `accepted` are the values of the header `authorization` that it takes: change it, and it takes others. `seed` makes
    bad luck repeatable, `now` gives epoch seconds.
    """

    def __init__(
        self,
        service: Service,
        accepted: Collection[str],
        *,
        port: int = 0,
        seed: int | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.service = service
        self.accepted = accepted
        self.switches = Switches()
        self.url = ""
        self.calls = 0
        self._port = port
        self._now = now
        self._random = random.Random(seed)  # noqa: S311 - plays bad luck
        self._runner: web.AppRunner | None = None

    def application(self) -> web.Application:
        """The routes, to be mounted anywhere."""
        application = web.Application(client_max_size=_MAX_BYTES)
        for path, look in (("/", self._page), ("/_tables", self._tables), ("/_switches", self._get)):
            application.router.add_get(path, look)
        application.router.add_put("/_switches", self._set)
        application.router.add_delete("/_switches", self._reset)
        application.router.add_post("/_switches/{preset}", self._preset)
        application.router.add_route("*", "/{path:[^_].*}", self._handle)
        return application

    async def __aenter__(self) -> Self:
        """Listen."""
        self._runner = web.AppRunner(self.application(), handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        bound = bind(self._port, f"the stand-in of {self.service.name}")
        await web.SockSite(self._runner, bound).start()
        self.url = f"http://{HOST}:{bound.getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self.service.close()

    async def _handle(self, request: web.Request) -> web.Response:
        self.calls += 1
        if self.switches.latency_ms:
            await asyncio.sleep(self.switches.latency_ms / 1000)
        fault = self.switches.draw(self._random)
        if fault is None or fault.kind == "none":
            return _response(await self._reply(request))
        if fault.after_commit:
            await self._reply(request)
        return await self._broken(request, fault)

    async def _reply(self, request: web.Request) -> Reply:
        if request.headers.get("authorization") not in self.accepted:
            return self.service.refusal(401)
        headers = {name.lower(): value for name, value in request.headers.items()}
        path = "/" + request.match_info["path"]
        call = Request(request.method, path, dict(request.query), headers, await request.read())
        try:
            return self.service.handle(call, self.switches, self._now())
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return self.service.refusal(400)

    async def _broken(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.kind == "hang":
            await asyncio.sleep(_HANG)
        if fault.kind == "disconnect" and request.transport is not None:
            request.transport.abort()
        if fault.kind == "garbage":
            return web.Response(body=_GARBAGE, content_type="application/json")
        later = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        reply = self.service.refusal(fault.status)
        return _response(Reply(reply.status, reply.body, {**reply.headers, **later}))

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=page(self.service, self.switches), content_type="text/html")

    async def _tables(self, _: web.Request) -> web.Response:
        return _json(200, self.service.tables())

    async def _get(self, _: web.Request) -> web.Response:
        return _json(200, self.switches)

    async def _set(self, request: web.Request) -> web.Response:
        try:
            self.switches = decode(await request.read())
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return _json(400, {"error": str(error)})
        return _json(200, self.switches)

    async def _reset(self, _: web.Request) -> web.Response:
        self.switches = Switches()
        return _json(200, self.switches)

    async def _preset(self, request: web.Request) -> web.Response:
        chosen = PRESETS.get(request.match_info["preset"])
        if chosen is None:
            return _json(404, {"error": f"one of {', '.join(PRESETS)} expected"})
        self.switches = copy(chosen)
        return web.Response(status=303, headers={"location": "../"})


def _response(reply: Reply) -> web.Response:
    body = None if reply.body is None else _encode(reply.body)
    headers = {"Content-Type": "application/json", **reply.headers}
    return web.Response(status=reply.status, body=body, headers=headers)


def _json(status: int, value: object) -> web.Response:
    return web.Response(status=status, body=_encode(value), content_type="application/json")
