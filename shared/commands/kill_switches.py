"""Kill switches: one for each type of command and one for each channel of `notify_client`; off, commands are parked.

They are read with every claim, so that turning one off works at once. One that was never turned is on; one that cannot
be read counts as off, since parking loses nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from shared.commands.command import Command
from shared.commands.types import command_topics
from shared.errors import Damaged
from shared.privacy import DataClass
from shared.storage.codec import msgpack_codec
from shared.storage.collection import Collection
from shared.storage.documents import Document, Key

CHANNELS: Mapping[str, Sequence[str]] = {"notify_client": ("text", "push")}
"""The types that have a switch for each channel as well: the payload's `channel`."""


class Switch(msgspec.Struct, frozen=True, array_like=True, tag_field="format", tag=1):
    """The state: whether commands go through, who said so, when (aware UTC) and why."""

    on: bool
    by: str
    at: datetime
    reason: str


CODEC = msgpack_codec(
    Collection(
        "switches",
        "{type}, {type}.{channel}",
        "operator_api",
        DataClass.PERSONAL,
        "until deleted",
        "whether commands of a type, or of a channel, go through; who said so and why",
    ),
    Switch,
    "a kill switch",
)


def key(kind: str, channel: str = "") -> Key:
    """Where the switch of a type, or of one of its channels, stands."""
    return CODEC.key(f"{kind}.{channel}" if channel else kind)


def names() -> list[str]:
    """Every switch there can be, as its document is called."""
    kinds = sorted(command_topics())
    return [name for kind in kinds for name in (kind, *(f"{kind}.{channel}" for channel in CHANNELS.get(kind, ())))]


def keys_for_command(command: Command) -> tuple[Key, ...]:
    """The switches that a command has to pass."""
    return keys_for(command.type, command.payload.get("channel", "") if command.type in CHANNELS else "")


def keys_for(kind: str, channel: str = "") -> tuple[Key, ...]:
    """The switches that what comes of a command of that type, by that channel where it has some, has to pass."""
    return (key(kind), key(kind, channel)) if channel else (key(kind),)


def all_on(command: Command, documents: Mapping[Key, Document | None]) -> bool:
    """Whether a command may go through, by the switches that were read."""
    return allows(keys_for_command(command), documents)


def allows(keys: Sequence[Key], documents: Mapping[Key, Document | None]) -> bool:
    """Whether all of these switches are on, as they were read."""
    return all(_on(documents[switch_key]) for switch_key in keys)


def _on(document: Document | None) -> bool:
    try:
        return document is None or CODEC.decode(document).on
    except Damaged:
        return False
