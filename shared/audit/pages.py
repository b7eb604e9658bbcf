"""The audit as it is read: the head, and entries by their numbers, as they are stored."""

import msgspec

from shared.audit.entry import ENTRIES, HEAD, HEADS, Head, Sealed, entry_key
from shared.deadline import Deadline
from shared.errors import Damaged
from shared.storage.documents import Document, Documents


class Page(msgspec.Struct, frozen=True):
    """Entries from number `first` on, `None` where one is missing, and the head as it was before they were read."""

    head: Head
    first: int
    entries: tuple[Sealed | None, ...]


async def head(documents: Documents, deadline: Deadline) -> Head:
    """The newest entry; raises what the documents port does."""
    [document] = await documents.read([HEAD], deadline)
    return Head() if document is None else HEADS.decode(document)


async def page(documents: Documents, first: int | None, limit: int, deadline: Deadline) -> Page:
    """Up to `limit` entries from number `first` on, or the newest; raises what the documents port does."""
    newest = await head(documents, deadline)
    begin = max(1, newest.sequence - limit + 1) if first is None else first
    end = min(newest.sequence, begin + limit - 1)
    stored = await documents.read([entry_key(number) for number in range(begin, end + 1)], deadline)
    return Page(newest, begin, tuple(None if entry is None else _stored(entry) for entry in stored))


def _stored(document: Document) -> Sealed:
    try:
        return ENTRIES.decode(document)
    except Damaged:
        return Sealed("", document.state)  # whoever verifies the chain is to see it
