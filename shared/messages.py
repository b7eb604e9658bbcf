"""What is published, and what arrives: bytes with attributes, in Pub/Sub's terms.

A message may arrive more than once and in any order; its id is another one each time it is published, so it names
nothing that happened: what is deduplicated is the event inside.
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
    """One attempt to hand a message over, by one subscription.

    `id` is the message's, `subscription` a short name without its project, `published_at` aware UTC.
    `delivery_attempt` counts from 1, and is `None` where the subscription has no dead-letter policy.
    """

    message: Message
    id: str
    subscription: str
    delivery_attempt: int | None
    published_at: datetime
