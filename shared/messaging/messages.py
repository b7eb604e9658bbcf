"""Messages as they are published and delivered: bytes with attributes, in Pub/Sub's terms.

A message may arrive more than once and in any order. Each publish gives it another id, so that the id does not identify
an event: deduplication goes by the event inside.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec


class Message(msgspec.Struct, frozen=True):
    """What is published. Empty `data` is a Kafka tombstone; an empty `ordering_key` is none."""

    data: bytes
    attributes: Mapping[str, str] = msgspec.field(default_factory=dict)
    ordering_key: str = ""


class Delivery(msgspec.Struct, frozen=True):
    """One attempt of a subscription to deliver a message.

    `id` is the message's, `subscription` a short name without its project, `published_at` aware UTC.
    `delivery_attempt` counts from 1, and is `None` where the subscription has no dead-letter policy.
    """

    message: Message
    id: str
    subscription: str
    delivery_attempt: int | None
    published_at: datetime
