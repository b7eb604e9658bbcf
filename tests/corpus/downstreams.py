"""Plays what functions call: Jira, the transaction service, FCM, texts, contacts, metadata; what they make is numbered.

What a request asks for decides how it is answered, so that a scenario needs no switches: `down` in it is a 503,
`wrong` a 400.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from aiohttp import web

Pass = Callable[[str, web.BaseRequest, bytes], Awaitable[web.Response]]

_HEADERS = ("authorization", "content-type", "idempotency-key")


def token(email: str) -> str:
    """A bearer token as the platform forwards it."""
    parts = ({"alg": "none"}, {"email": email, "email_verified": True, "exp": 4102444800})
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + ".x"


class Downstreams:
    """One server for them all; `calls` are those since it was emptied, `through` answers for our own functions."""

    def __init__(self, through: Pass) -> None:
        self.calls: list[dict[str, Any]] = []
        self.port = 0
        self._through = through
        self._numbers = count(1)
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        self._runner = web.ServerRunner(web.Server(self._handle))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr] # it has started

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        who, _, rest = request.path.strip("/").partition("/")
        if who == "computeMetadata":
            return self._metadata(request)
        if who in {"risk_decision", "operator_api"}:
            return await self._through(who, request, body)
        headers = {name: request.headers[name] for name in _HEADERS if name in request.headers}
        self.calls.append({"method": request.method, "path": request.path, "headers": headers, "body": body.decode()})
        if b"down" in body or "down" in rest:
            return web.Response(status=503, text="down")
        if b"wrong" in body or "wrong" in rest:
            return web.json_response({"error": "wrong"}, status=400)
        status, content = self._played(who, rest, json.loads(body or b"{}"))
        return web.json_response(content, status=status)

    def _played(self, who: str, rest: str, body: Any) -> tuple[int, dict[str, Any]]:
        number = next(self._numbers)
        if rest.endswith("search/jql"):
            return 200, {"issues": [], "isLast": True}
        decided = {"approve": "approved", "reject": "rejected"}.get(body.get("decision"), "held")
        transaction = {"transaction_id": f"{rest}//".split("/")[2], "status": decided}
        project = body.get("fields", {}).get("project", {}).get("key")
        answers: dict[str, tuple[int, dict[str, Any]]] = {
            "jira": (201, {"id": str(number), "key": f"{project}-{number}"}),
            "transactions": (200, {**transaction, "version": body.get("version", 0) + 1}),
            "sms": (202, {"id": f"SM{number}"}),
            "fcm": (200, {"name": f"projects/p/messages/{number}"}),
            "contacts": (200, {"mobile": "+447700900123"}),
        }
        return answers.get(who, (404, {}))

    def _metadata(self, request: web.BaseRequest) -> web.Response:
        if request.path.endswith("/identity"):
            return web.Response(text=token("advice@slacker.local"), headers={"Metadata-Flavor": "Google"})
        access = {"access_token": "an-access-token", "expires_in": 3600, "token_type": "Bearer"}
        return web.json_response(access, headers={"Metadata-Flavor": "Google"})
