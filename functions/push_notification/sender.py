"""The port of whoever takes notifications to clients: the bank's own service, FCM, a provider of text messages."""

from datetime import datetime
from typing import Protocol

import msgspec

from shared.deadline import Deadline
from shared.notifications.delivery_result import DeliveryResult
from shared.notifications.devices import Device
from shared.notifications.notification import Category, Channel
from shared.notifications.template import Route


class OutgoingPush(msgspec.Struct, frozen=True, kw_only=True):
    """What leaves. `id` is opaque and the same at every attempt, `client` the bank's own id, `device` there for who
    sends to devices; a text message has no title, what is `silent` no body either.

    A push leads to `route`, and there to `subject` (an opaque id, or empty). A device shows one of each `collapse_key`;
    `collapses_across` says whether that is for others of its kind too, or for a second attempt alone. After
    `not_after` it is not to be delivered any more; with `dry_run` never.
    """

    id: str
    client: str
    device: Device | None
    channel: Channel
    category: Category
    title: str
    body: str
    silent: bool
    route: Route
    subject: str
    collapse_key: str
    collapses_across: bool
    not_after: datetime
    dry_run: bool


class Sender(Protocol):
    """Sends notifications by one service."""

    @property
    def needs_device(self) -> bool:
        """Whether it sends to registered devices, rather than to clients."""
        ...

    async def send(self, out: OutgoingPush, deadline: Deadline) -> DeliveryResult:
        """How it ended. Raises what `shared.http.service_client` does, which `delivery` makes an outcome of."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
