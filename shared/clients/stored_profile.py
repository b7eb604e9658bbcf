"""The profile of a client out of the document in which the bank's snapshots are folded: the state of the features.

Of that state this module reads the head alone, up to the profile; a test holds it against the states of the features.
"""

import msgspec

from shared.clients.profile import ProfileEntry
from shared.storage.documents import Document, Key

COLLECTION = "features_clients"
FORMAT = 2


class _StateHead(msgspec.Struct, array_like=True, tag_field="format", tag=FORMAT):
    """The first fields of `ClientState`; those after them are skipped."""

    spent: msgspec.Raw
    money: msgspec.Raw
    profiles: list[ProfileEntry] = []


_DECODER = msgspec.msgpack.Decoder(_StateHead)


def key(client: str) -> Key:
    """The document with the profile of the client of that token."""
    return Key(COLLECTION, client)


def newest(document: Document | None) -> ProfileEntry | None:
    """What the bank's newest snapshot said; `None` where there is none, or where the document is damaged: who has to
    reach a client does so without a profile.
    """
    if document is None:
        return None
    try:
        profiles = _DECODER.decode(document.state).profiles
    except (msgspec.MsgspecError, ValueError, RecursionError):  # text that is no UTF-8 is a `ValueError`
        return None
    return profiles[-1] if profiles else None
