"""What a client chose: which notifications by which channel, in which language, and when to be left in peace."""

from collections.abc import Mapping

import msgspec

from shared.notifications.notification import Category, Channel
from shared.privacy import DataClass
from shared.storage.codec import msgpack_codec
from shared.storage.collection import ByKey, Collection
from shared.storage.documents import Document, Key


class QuietHours(msgspec.Struct, frozen=True, array_like=True):
    """From one time of the day to another, as `HH:MM` of the client's clock, over midnight where it is earlier; the
    same time twice is no time at all.
    """

    start: str
    end: str


DEFAULT_QUIET = QuietHours("22:00", "07:00")
NEVER_QUIET = QuietHours("00:00", "00:00")


class Preferences(msgspec.Struct, frozen=True, array_like=True, tag_field="format", tag=1):
    """The state. `choices` are by channel and category; without a language or a zone (IANA) of the
    client's own there is what the bank knows.
    """

    choices: Mapping[str, Mapping[str, bool]] = {}
    quiet: QuietHours = DEFAULT_QUIET
    language: str | None = None
    time_zone: str | None = None

    def allows(self, channel: Channel, category: Category) -> bool:
        """Whether the client wants it: security always, service unless switched off, rewards only if switched on."""
        if category is Category.SECURITY:
            return True
        return self.choices.get(channel, {}).get(category, category is Category.SERVICE)


CODEC = msgpack_codec(
    Collection(
        "notification_preferences",
        "{client token}",
        "notification_preferences",
        DataClass.PERSONAL,
        "until deleted",
        "which notifications a client wants by which channel, language, time zone and quiet hours",
        (ByKey(),),
    ),
    Preferences,
    "a client's preferences",
)


def key(client: str) -> Key:
    """Where those of a client are, by the client's token."""
    return CODEC.key(client)


def read(document: Document | None) -> Preferences:
    """Those in a document, or what holds for who has chosen nothing; raises `Damaged`."""
    return CODEC.decode(document) if document is not None else Preferences()
