"""The proxy before every function, as Cloud Run has it: it checks the token, strips its signature, passes requests on.

`{base}/{function}/…` reaches `/…` of that function. As on Cloud Run, a request waits for an instance that is starting,
and a caller gets a 503 where one went away. A request is never sent twice: only its sender knows whether that is safe.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

import aiohttp
from aiohttp import web
from yarl import URL

from local.stack.http_listener import HOST, listen
from local.stack.tokens import Tokens
from shared.errors import Unauthenticated
from shared.http.responses import PHRASES
from shared.http.session import read_limited

MAX_BYTES = 32 * 1024 * 1024
"""Bytes of a request, as on Cloud Run."""

WAIT_FOR_INSTANCE = 10.0
TIMEOUT = 60.0

_NOTICED_WITHIN = 0.05
_PIECE = 65_536  # bytes
_KEEP_ALIVE = 1.5  # functions close idle connections after 2 s
_HOP_BY_HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    )
)  # RFC 9110, 7.6.1
_NOT_FORWARDED = _HOP_BY_HOP | {"host", "authorization", "content-length", "expect"}
_NOT_RETURNED = _HOP_BY_HOP | {"content-length", "date", "server"}


@dataclass(slots=True)
class Route:
    """A function behind the front: `url` is its public address and its tokens' audience, `port` its own.

    `ready` is set while an instance of it serves.
    """

    name: str
    url: str
    port: int
    ready: asyncio.Event = field(default_factory=asyncio.Event)


OnPassed = Callable[[str, bytes, int], None]
"""Called after each request that was passed on: the function, the request's body, the status of the answer."""


class AuthProxy:
    """The reverse proxy of one stack; `base` is its address once it has started."""

    def __init__(
        self, tokens: Tokens, functions: dict[str, int], port: int = 0, passed: OnPassed = lambda *_: None
    ) -> None:
        self._tokens = tokens
        self._functions = functions
        self._port = port
        self._passed = passed
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.ServerRunner | None = None
        self.base = ""
        self.routes: dict[str, Route] = {}

    async def start(self) -> None:
        """Listen; raises `Misconfigured` when the port is taken."""
        self._runner, port = await listen(self._handle, self._port, "the front")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            auto_decompress=False,
            skip_auto_headers=("user-agent", "accept", "accept-encoding", "content-type"),
        )
        self.base = f"http://127.0.0.1:{port}"
        self.routes = {
            name: Route(name, f"{self.base}/{name}", function_port) for name, function_port in self._functions.items()
        }

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        name, slash, rest = request.raw_path.removeprefix("/").partition("/")
        route = self.routes.get(name.partition("?")[0])
        if route is None:
            return _problem(404, f"one of {', '.join(self.routes)} expected")
        try:
            authorization = self._tokens.stripped(request.headers.get("authorization"), route.url, time.time())
        except Unauthenticated as error:
            return _problem(401, str(error), {"www-authenticate": "Bearer"})
        body = await _bounded(request)
        if body is None:
            return _problem(413, f"at most {MAX_BYTES} bytes expected")
        path = slash + rest if slash else "/" + name[len(route.name) :]
        return await self._pass_on(request, route, path, body, authorization)

    async def _pass_on(
        self, request: web.BaseRequest, route: Route, path: str, body: bytes, authorization: str
    ) -> web.StreamResponse:
        if self._session is None:
            raise RuntimeError("start the front first")
        headers = [(key, value) for key, value in request.headers.items() if key.lower() not in _NOT_FORWARDED]
        headers.append(("authorization", authorization))
        headers.append(("x-forwarded-for", request.remote or ""))
        url = URL(f"http://{HOST}:{route.port}{path}", encoded=True)
        waited_until = time.monotonic() + WAIT_FOR_INSTANCE
        while True:
            try:
                await asyncio.wait_for(route.ready.wait(), waited_until - time.monotonic())
                async with self._session.request(
                    request.method, url, data=_payload(body), headers=headers, allow_redirects=False
                ) as answer:
                    content = await answer.read()
                    self._passed(route.name, body, answer.status)
                    kept = [
                        (name, value) for name, value in answer.headers.items() if name.lower() not in _NOT_RETURNED
                    ]
                    return web.Response(status=answer.status, body=content, headers=kept)
            except aiohttp.ClientConnectorError:  # it has just gone, nothing was sent: wait for the next instance
                await asyncio.sleep(_NOTICED_WITHIN)
            except TimeoutError:
                return _problem(504, "the function is late, or no instance of it became ready")
            except aiohttp.ClientError:
                return _problem(503, "the function's instance went away with the request")


def _payload(body: bytes) -> bytes | BytesIO | None:
    """A large body in pieces, so that sending it does not stop the loop."""
    return BytesIO(body) if len(body) > _PIECE else body or None


async def _bounded(request: web.BaseRequest) -> bytes | None:
    """The body, or `None` as soon as it passes the limit."""
    if not request.body_exists:
        return b""
    if (request.content_length or 0) > MAX_BYTES:
        return None
    content = await read_limited(request.content, MAX_BYTES)
    return content if len(content) <= MAX_BYTES else None


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> web.Response:
    content = {"type": "about:blank", "title": PHRASES[status], "status": status, "detail": detail}
    return web.json_response(content, status=status, headers=headers, content_type="application/problem+json")
