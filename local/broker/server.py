"""The broker over HTTP: publishing in the shape of Pub/Sub's REST API, and its status for people and commands.

`POST /v1/projects/{project}/topics/{topic}:publish`, `GET /status`, `GET /subscriptions/{name}/messages?limit=`, and a
page at `/`. https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish
"""

import re
from collections.abc import Sequence
from typing import Protocol

import msgspec
from aiohttp import web

from local.broker.status import Status
from local.broker.status_page import page
from local.broker.topology import Topology
from shared.errors import Invalid, NotFound, Unavailable
from shared.json_value import NO_JSON
from shared.messaging.messages import Delivery, Message
from shared.messaging.publisher import MAX_BYTES, MAX_MESSAGES, validate

MAX_BODY = 2 * MAX_BYTES
"""Bytes of a request: the largest there is, in base64 and with its attributes escaped."""

_PUBLISH = re.compile(r"/v1/projects/([^/]+)/topics/([^/:]+):publish")
_MESSAGES = re.compile(r"/subscriptions/([^/]+)/messages")
_DEFAULT_SHOWN, _MAX_SHOWN = 100, 10_000  # messages that are shown


class Served(Protocol):
    """The broker, as far as it is served over HTTP."""

    @property
    def topology(self) -> Topology:
        """Its topics and subscriptions."""
        ...

    async def publish(self, topic: str, messages: Sequence[Message]) -> list[int]:
        """The ids of `messages`, once they are in the file. Raises `NotFound` and `Unavailable`."""
        ...

    def waiting(self, subscription: str, limit: int) -> list[Delivery]:
        """Up to `limit` messages that are not acknowledged, the oldest first; raises `NotFound`."""
        ...

    def status(self) -> Status:
        """The present status."""
        ...


class _Sent(msgspec.Struct, rename="camel"):
    data: bytes = b""
    attributes: dict[str, str] = {}
    ordering_key: str = ""


class _Request(msgspec.Struct):
    messages: list[_Sent]


_decode = msgspec.json.Decoder(_Request).decode
_encode = msgspec.json.Encoder().encode


class Server:
    """The handler of all requests."""

    def __init__(self, broker: Served) -> None:
        self._broker = broker

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """The response to any request."""
        try:
            publish = _PUBLISH.fullmatch(request.path)
            if publish is not None and request.method == "POST":
                return await self._publish(request, publish[1], publish[2])
            return self._look(request)
        except NotFound as error:
            return _refusal(404, "NOT_FOUND", str(error))
        except Invalid as error:
            return _refusal(400, "INVALID_ARGUMENT", str(error))
        except Unavailable as error:
            return _refusal(503, "UNAVAILABLE", str(error))

    async def _publish(self, request: web.BaseRequest, project: str, topic: str) -> web.Response:
        if project != self._broker.topology.project:
            raise NotFound("there is no such project")
        body = await _bounded(request)
        if body is None:
            return _refusal(413, "INVALID_ARGUMENT", f"at most {MAX_BODY} bytes expected")
        try:
            sent = _decode(body).messages
        except NO_JSON:
            return _refusal(400, "INVALID_ARGUMENT", "messages with data in base64 and attributes of text expected")
        if not 0 < len(sent) <= MAX_MESSAGES:
            return _refusal(400, "INVALID_ARGUMENT", f"1 to {MAX_MESSAGES} messages expected")
        messages = [Message(message.data, message.attributes, message.ordering_key) for message in sent]
        validate(messages)
        ids = await self._broker.publish(topic, messages)
        return _json({"messageIds": [str(id_) for id_ in ids]})

    def _look(self, request: web.BaseRequest) -> web.Response:
        if request.method != "GET":
            raise NotFound("there is nothing here to write to")
        if request.path == "/":
            return web.Response(text=page(self._broker.status()), content_type="text/html")
        if request.path == "/status":
            return _json(self._broker.status())
        messages = _MESSAGES.fullmatch(request.path)
        if messages is None:
            raise NotFound("there is nothing here")
        limit = request.query.get("limit", "")
        count = min(_MAX_SHOWN, int(limit)) if limit.isdecimal() and limit.isascii() else _DEFAULT_SHOWN
        return _json({"messages": self._broker.waiting(messages[1], count)})


async def _bounded(request: web.BaseRequest) -> bytes | None:
    """The body, or `None` as soon as it passes the limit."""
    chunks, size = [], 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _json(value: object) -> web.Response:
    return web.Response(body=_encode(value), content_type="application/json")


def _refusal(code: int, status: str, message: str) -> web.Response:
    """An error in the shape of Google's APIs."""
    content = {"error": {"code": code, "message": message, "status": status}}
    return web.Response(status=code, body=_encode(content), content_type="application/json")
