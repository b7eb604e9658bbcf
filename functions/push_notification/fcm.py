"""Push by Firebase Cloud Messaging, its HTTP v1 API.

FCM has no idempotency key: what is sent twice is shown once, because both carry the same tag and collapse id.
Sources: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages,
https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Misconfigured
from shared.http.service_client import Answer, ServiceClient
from shared.notifications.delivery_result import DeliveryResult, ResultKind, accepted, permanent
from shared.notifications.notification import Category

from .sender import OutgoingPush

_LONGEST = 2_419_200  # seconds that FCM keeps a message: four weeks
_GONE = "UNREGISTERED"


class Fcm:
    """Implements `Sender` for the apps of a Firebase project."""

    needs_device = True

    def __init__(self, downstream: ServiceClient, project: str, clock: Clock) -> None:
        self._downstream = downstream
        self._path = f"/v1/projects/{project}/messages:send"
        self._clock = clock

    async def send(self, out: OutgoingPush, deadline: Deadline) -> DeliveryResult:
        """See the port."""
        answer = await self._downstream.request("POST", self._path, deadline, json=request(out, self._clock.now()))
        if answer.status == 200:
            return accepted(str(answer.body.get("name", "")).rpartition("/")[2])
        return _refusal(answer)

    async def close(self) -> None:
        """See the port."""
        await self._downstream.close()


def request(out: OutgoingPush, now: datetime) -> Mapping[str, Any]:
    """The body, a `SendMessageRequest`; raises `Misconfigured` without a device."""
    if out.device is None:
        raise Misconfigured("FCM sends to devices: none was given")
    lifetime = max(0, min(_LONGEST, int((out.not_after - now).total_seconds())))
    message = {
        out.device.kind: out.device.address,
        "data": _data(out),
        "android": _android(out, lifetime),
        "apns": _apple(out),
    }
    if not out.silent:
        message["notification"] = {"title": out.title, "body": out.body}
    return {"message": message, **({"validateOnly": True} if out.dry_run else {})}


def _data(out: OutgoingPush) -> Mapping[str, str]:
    """What the app is told: where to lead and to what, never an address."""
    data = {"id": out.id, "route": out.route.value}
    return {**data, "subject": out.subject} if out.subject else data


def _android(out: OutgoingPush, lifetime: int) -> Mapping[str, Any]:
    config: dict[str, Any] = {"ttl": f"{lifetime}s", "priority": "HIGH" if _urgent(out) else "NORMAL"}
    if out.collapses_across:  # FCM keeps four of these for a device, so none is spent on a single message
        config["collapseKey"] = out.collapse_key
    if not out.silent:
        config["notification"] = {"tag": out.collapse_key, "visibility": "PRIVATE"}
    return config


def _apple(out: OutgoingPush) -> Mapping[str, Any]:
    """APNs' own headers and `aps`: https://developer.apple.com/documentation/usernotifications."""
    headers = {
        "apns-collapse-id": out.collapse_key,
        "apns-expiration": str(int(out.not_after.timestamp())),
        "apns-priority": "10" if _urgent(out) else "5",
        "apns-push-type": "background" if out.silent else "alert",
    }
    return {"headers": headers, "payload": {"aps": {"content-available": 1} if out.silent else {"sound": "default"}}}


def _urgent(out: OutgoingPush) -> bool:
    return out.category is Category.SECURITY and not out.silent


def _refusal(answer: Answer) -> DeliveryResult:
    """What FCM's error code means; one that it gives nobody's message is the deployment's."""
    code = _code(answer.body)
    if code == _GONE:
        return permanent("unregistered", gone=True)
    if answer.status == 400:
        return permanent("invalid_argument")
    return DeliveryResult(ResultKind.CONFIGURATION, f"status_{answer.status}")


def _code(body: Mapping[str, Any]) -> str:
    error = body.get("error")
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("errorCode"), str):
            return str(detail["errorCode"])
    return ""
