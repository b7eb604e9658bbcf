"""Text messages by a provider, who has no idempotency key: what nobody heard the end of is not sent again.

Its contract: `POST /v1/messages` with `to`, `text`, `reference` and `validity_seconds`, answered by 201 or 202 and an
`id`. 400 and 422 say that the number or the text will never do, 402 that nothing is paid for.
"""

from shared.clock import Clock
from shared.deadline import Deadline
from shared.http.service_client import ServiceClient
from shared.notifications.delivery_result import DeliveryResult, ResultKind, accepted, permanent

from .contacts import Contacts
from .sender import OutgoingPush

_NO_NUMBER = "no_number"


class Sms:
    """Implements `Sender`. A dry run ends where the provider would be called."""

    needs_device = False

    def __init__(self, downstream: ServiceClient, contacts: Contacts, clock: Clock) -> None:
        self._downstream = downstream
        self._contacts = contacts
        self._clock = clock

    async def send(self, out: OutgoingPush, deadline: Deadline) -> DeliveryResult:
        """See the port."""
        number = await self._contacts.mobile(out.client, deadline)
        if number is None:
            return permanent(_NO_NUMBER)
        if out.dry_run:
            return accepted()
        validity = max(1, int((out.not_after - self._clock.now()).total_seconds()))
        message = {"to": number, "text": out.body, "reference": out.id, "validity_seconds": validity}
        answer = await self._downstream.request("POST", "/v1/messages", deadline, json=message)
        if answer.status in {200, 201, 202}:
            return accepted(str(answer.body.get("id", "")))
        if answer.status in {400, 422}:
            return permanent("refused")
        return DeliveryResult(ResultKind.CONFIGURATION, f"status_{answer.status}")

    async def close(self) -> None:
        """See the port."""
        await self._downstream.close()
        await self._contacts.close()
