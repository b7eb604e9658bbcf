"""Notifications by the bank's own service, which knows its clients' phones and apps itself.

Its contract: `POST /v1/notifications` with an `Idempotency-Key`, answered by 202 and an id; the same key again is 409
or the same answer. 404 is a client that it does not know, 400 and 422 a notification that it will never take.
"""

from collections.abc import Mapping
from typing import Any

from shared.deadline import Deadline
from shared.http.service_client import ServiceClient
from shared.notifications.delivery_result import DeliveryResult, ResultKind, accepted, permanent

from .sender import OutgoingPush

_REFUSED = {404: "unknown_client", 400: "refused", 422: "refused"}


class BankSender:
    """Implements `Sender`, for either channel."""

    needs_device = False

    def __init__(self, downstream: ServiceClient) -> None:
        self._downstream = downstream

    async def send(self, out: OutgoingPush, deadline: Deadline) -> DeliveryResult:
        """See the port."""
        answer = await self._downstream.request(
            "POST", "/v1/notifications", deadline, json=request(out), headers={"idempotency-key": out.id}
        )
        if answer.status in {200, 202, 409}:
            return accepted(str(answer.body.get("id", "")))
        code = _REFUSED.get(answer.status)
        return permanent(code) if code else DeliveryResult(ResultKind.CONFIGURATION, f"status_{answer.status}")

    async def close(self) -> None:
        """See the port."""
        await self._downstream.close()


def request(out: OutgoingPush) -> Mapping[str, Any]:
    """The body."""
    return {
        "client_id": out.client,
        "channel": out.channel,
        "category": out.category,
        "title": out.title,
        "body": out.body,
        "silent": out.silent,
        "route": out.route,
        "subject": out.subject,
        "collapse": out.collapse_key,
        "not_after": out.not_after.isoformat(),
        "dry_run": out.dry_run,
    }
