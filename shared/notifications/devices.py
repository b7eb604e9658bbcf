"""The devices a client's app runs on, each with what FCM knows it by.

What FCM knows it by is a credential of sorts: it opens nothing without the project's own account, but is told to nobody
and never logged. It belongs to whoever registered it last: a phone that changes hands takes nothing along.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from shared.privacy import DataClass
from shared.storage.codec import Codec, msgpack_codec
from shared.storage.collection import ByKey, ByOwner, Collection
from shared.storage.documents import Document, Key

MAX_DEVICES = 10
"""Devices of a client; another one takes the place of that which was not heard of for longest."""

Kind = Literal["fid", "token"]
"""A Firebase installation id, or a registration token, which FCM has deprecated."""


class Device(msgspec.Struct, frozen=True, array_like=True):
    """`id` is the app's own name for its installation, `address` what FCM knows it by, `digest` that in a key."""

    id: str
    kind: Kind
    address: str
    digest: str
    platform: str
    seen_at: datetime

    def __repr__(self) -> str:
        """Without the address."""
        return f"Device({self.id!r})"


class Devices(msgspec.Struct, frozen=True, array_like=True, tag_field="format", tag=1):
    """The state of a client's document."""

    devices: tuple[Device, ...] = ()

    def with_(self, device: Device) -> "Devices":
        """With `device`, in the place of the one of its id or of its address."""
        others = [other for other in self.devices if other.id != device.id and other.digest != device.digest]
        kept = sorted([*others, device], key=lambda other: other.seen_at, reverse=True)[:MAX_DEVICES]
        return Devices(devices=tuple(kept))

    def without(self, digests: Sequence[str]) -> "Devices":
        """Without those of these addresses."""
        return Devices(devices=tuple(device for device in self.devices if device.digest not in digests))


DEVICES = Collection(
    "notification_devices",
    "{client token}, @{address token}",
    "notification_preferences",
    DataClass.SECRET,
    "until deleted",
    "what FCM knows a client's devices by; whose an address is. push_notification takes out what FCM disowns",
    (ByKey(), ByOwner("notification_devices")),
)
CODEC = msgpack_codec(DEVICES, Devices, "a client's devices")
OWNERS = Codec(DEVICES, "the token of a client", str.encode, bytes.decode)


def key(client: str) -> Key:
    """Where those of a client are, by the client's token."""
    return CODEC.key(client)


def owner_key(digest: str) -> Key:
    """Where the token of the client stands that an address belongs to."""
    return OWNERS.key(f"@{digest}")


def read(document: Document | None) -> Devices:
    """Those in a document, none without one; raises `Damaged`."""
    return CODEC.decode(document) if document is not None else Devices()
