"""Plays Firebase Cloud Messaging's HTTP v1 API: what it takes is on a phone at once, one of each tag.

An address that begins with `gone` is no longer registered (UNREGISTERED).
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from local.stack.metadata import ACCESS_TOKEN
from local.stand_ins.faults import Switches
from local.stand_ins.json_store import JsonStore, store_of
from local.stand_ins.server import StandIn
from local.stand_ins.service import Reply, Request, Table
from shared.times import at_seconds

MAX_BYTES = 4096
"""Of a message's texts and data."""

GONE = "gone"

_TARGETS = ("fid", "token", "topic", "condition")
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
_CODES = {400: "INVALID_ARGUMENT", 429: "QUOTA_EXCEEDED", 503: "UNAVAILABLE"}
_KNOWN = frozenset((*_TARGETS, "data", "notification", "android", "apns", "webpush", "fcmOptions"))


class Fcm:
    """Implements `local.stand_ins.service.Service` over `store`."""

    name = "fcm"

    def __init__(self, store: JsonStore) -> None:
        self._store = store

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["v1", "projects", project, "messages:send"]:
                return self._send(project, request.json(), now)
        return self.refusal(404)

    def refusal(self, status: int) -> Reply:
        """See the protocol."""
        return _error(status, _CODES.get(status, "INTERNAL"))

    def tables(self) -> Sequence[Table]:
        """See the protocol."""
        rows = [
            (
                message["at"],
                message["to"],
                message["title"],
                message["body"],
                " ".join(f"{k}={v}" for k, v in message["data"].items()),
            )
            for message in reversed(self.sent())
        ]
        return [Table("Pushes", ("at", "to", "title", "body", "data"), rows)]

    def sent(self) -> list[dict[str, Any]]:
        """Every message that was taken, the oldest first."""
        return list(self._store.all("messages").values())

    def displayed(self) -> dict[str, dict[str, Any]]:
        """What is displayed on phones: the last message of each address and tag."""
        return self._store.all("shown")

    def close(self) -> None:
        """See the protocol."""
        self._store.close()

    def _send(self, project: str, body: Any, now: float) -> Reply:
        message = body.get("message") if isinstance(body, dict) else None
        if not isinstance(message, dict) or body.keys() - {"message", "validateOnly"} or not _good(message):
            return self.refusal(400)
        address = message.get("fid") or message.get("token") or ""
        if address.startswith(GONE):
            return _error(404, "UNREGISTERED")
        id_ = str(uuid.uuid4())
        if not body.get("validateOnly"):
            self._keep(id_, address, message, now)
        return Reply(200, {"name": f"projects/{project}/messages/{id_}"})

    def _keep(self, id_: str, address: str, message: Mapping[str, Any], now: float) -> None:
        notification = message.get("notification", {})
        kept = {
            "at": at_seconds(now).isoformat(timespec="milliseconds"),
            "to": address,
            "title": notification.get("title", ""),
            "body": notification.get("body", ""),
            "data": message.get("data", {}),
        }
        self._store.put("messages", id_, kept)
        if notification:
            tag = message.get("android", {}).get("notification", {}).get("tag", id_)
            self._store.put("shown", f"{address} {tag}", kept)


def _good(message: Mapping[str, Any]) -> bool:
    data = message.get("data", {})
    texts = [*message.get("notification", {}).values(), *data, *data.values()]
    if message.keys() - _KNOWN or not all(isinstance(text, str) for text in texts):
        return False
    return sum(name in message for name in _TARGETS) == 1 and sum(len(text.encode()) for text in texts) <= MAX_BYTES


def _error(status: int, code: str) -> Reply:
    """An error in the shape of Google's APIs, with FCM's own code in its details."""
    details = [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}]
    error = {"code": status, "message": code, "status": _STATUS.get(status, "INTERNAL"), "details": details}
    return Reply(status, {"error": error})


def application() -> web.Application:
    """The stand-in of the stack."""
    return StandIn(Fcm(store_of("fcm")), {f"Bearer {ACCESS_TOKEN}"}).application()
