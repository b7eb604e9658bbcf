"""A message as the broker keeps it, and the envelope it is pushed in: the same keys as Pub/Sub's."""

from binascii import b2a_base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from shared.messaging.messages import Delivery, Message

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_attributes = msgspec.json.Decoder(dict[str, str]).decode
_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message. `id` is also the microsecond (since 1970, UTC) of its publication, `attributes` are JSON."""

    id: int
    data: bytes
    attributes: bytes
    ordering_key: str

    @property
    def published_at(self) -> datetime:
        """When it was published, in UTC."""
        return _EPOCH + timedelta(microseconds=self.id)

    def message(self) -> Message:
        """The message as it was published."""
        return Message(self.data, _attributes(self.attributes), self.ordering_key)

    def delivery(self, subscription: str, attempt: int | None) -> Delivery:
        """Its delivery by a subscription."""
        return Delivery(self.message(), str(self.id), subscription, attempt, self.published_at)

    def envelope(self, subscription: str, attempt: int | None) -> bytes:
        """The body of a push. `subscription` is `projects/{project}/subscriptions/{name}`.

        As in Pub/Sub, `attempt` is there where there is a dead-letter policy, and `None` without.
        """
        time = self.published_at.isoformat(timespec="milliseconds")[:-6].encode() + b"Z"
        key = b'"orderingKey":%b,' % _encode(self.ordering_key) if self.ordering_key else b""
        counted = b'"deliveryAttempt":%d,' % attempt if attempt is not None else b""
        return (
            b'{"message":{"attributes":%b,"data":"%b","messageId":"%d","message_id":"%d",%b'
            b'"publishTime":"%b","publish_time":"%b"},%b"subscription":%b}'
        ) % (
            *(self.attributes, b2a_base64(self.data, newline=False), self.id, self.id, key),
            *(time, time, counted, _encode(subscription)),
        )


def to_stored(id_: int, message: Message) -> StoredMessage:
    """`message` as it is stored, under `id_`."""
    return StoredMessage(id_, message.data, _encode(message.attributes), message.ordering_key)
