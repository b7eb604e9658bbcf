"""Dead letters in the document store: kept once however often they come, found by id, looked through by time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import msgspec

from shared.commands import ledger
from shared.commands.command import Command
from shared.dead_letters import letter as letters
from shared.dead_letters.letter import CHUNK_BYTES, CODEC, LETTERS, Letter
from shared.dead_letters.parsing import IncomingLetter
from shared.dead_letters.search import Filter
from shared.deadline import Deadline
from shared.errors import Damaged, NotFound, Unavailable, WriteConflict
from shared.storage.documents import Create, Document, Documents, Write
from shared.storage.retry import compare_and_set

MAX_SCANNED = 2000
"""Letters that one search reads at most; its `Page` says where to go on."""

_AT_ONCE = 200  # letters in one read


class StoredLetter(msgspec.Struct, frozen=True):
    """A letter on record, under its id, with the document it was read from."""

    id: str
    letter: Letter
    document: Document

    @classmethod
    def of(cls, document: Document) -> Self:
        """The letter in a document; raises `Damaged` for one that cannot be read."""
        return cls(document.key.id, CODEC.decode(document), document)


class Page(msgspec.Struct, frozen=True):
    """The result of one search. `scanned` is how many letters it read, `after` the id after which the next search goes
    on, empty at the end. `unreadable` are the ids of letters whose documents are damaged.
    """

    letters: Sequence[StoredLetter]
    scanned: int
    after: str
    unreadable: Sequence[str]


class LetterStore(msgspec.Struct, frozen=True):
    """The letters of one store."""

    documents: Documents

    async def keep(
        self, new: IncomingLetter, body: bytes, command: Command | None, now: datetime, deadline: Deadline
    ) -> bool:
        """Put a letter on record, and say whether it was not there before.

        With a `command`, one that Pub/Sub itself gave up, the ledger learns of it in the same commit. Raises what the
        documents port does, and `Unavailable` while somebody is doing the command.
        """
        keys = letters.body_keys(new.id, len(body))
        parts = [Create(key, body[number * CHUNK_BYTES :][:CHUNK_BYTES]) for number, key in enumerate(keys)]
        for part in parts[:-1]:  # of a body that one commit might not take
            await self._ensure(part, deadline)
        key, entries = letters.key(new.id), [ledger.key(command.id)] if command else []

        async def step() -> bool:
            document, *entry_documents = await self.documents.read([key, *entries], deadline)
            if document is not None:
                return False
            writes: list[Write] = [CODEC.create(key, new.letter), *parts[-1:]]
            if command is not None and (write := ledger.dead_lettered(entry_documents[0], command, now)) is not None:
                writes.append(write)
            await self.documents.commit(writes, deadline)
            return True

        return await compare_and_set(step, deadline)

    async def find(self, ids: Sequence[str], deadline: Deadline) -> list[StoredLetter]:
        """The letters of `ids`, in that order. Raises `NotFound`, naming those that there are not."""
        documents = await self.documents.read([letters.key(letter) for letter in ids], deadline)
        missing = [letter for letter, document in zip(ids, documents, strict=True) if document is None]
        if missing:
            raise NotFound(f"there is no dead letter {', '.join(missing[:5])}")
        return [StoredLetter.of(document) for document in documents if document is not None]

    async def bodies(
        self, stored_letters: Sequence[StoredLetter], deadline: Deadline, *, as_it_came: bool = False
    ) -> list[bytes]:
        """What is to be sent of each: the edited body where there is one, unless it is wanted as it came.

        Raises `Unavailable` where a part is missing.
        """
        keys = [
            [letters.edited_key(stored.id)]
            if stored.letter.edited and not as_it_came
            else letters.body_keys(stored.id, stored.letter.size)
            for stored in stored_letters
        ]
        parts = iter(await self.documents.read([key for part_keys in keys for key in part_keys], deadline))
        return [b"".join(_part(next(parts)) for _ in part_keys) for part_keys in keys]

    async def search(self, letter_filter: Filter, after: str, limit: int, deadline: Deadline) -> Page:
        """Up to `limit` letters that match `letter_filter` and have ids after `after`, the oldest first."""
        matching: list[StoredLetter] = []
        unreadable: list[str] = []
        scanned, after = 0, max(after, letter_filter.lower_bound())
        while scanned < MAX_SCANNED:
            documents = await self.documents.scan(LETTERS.name, deadline, after=after, limit=_AT_ONCE)
            for document in documents:
                if letter_filter.is_past(document.key.id):
                    return Page(matching, scanned, "", unreadable)
                scanned, after = scanned + 1, document.key.id
                try:
                    stored = StoredLetter.of(document)
                except Damaged:
                    unreadable.append(document.key.id)
                    continue
                if letter_filter.matches(stored.letter):
                    matching.append(stored)
                    if len(matching) == limit:
                        return Page(matching, scanned, after, unreadable)
            if len(documents) < _AT_ONCE:
                return Page(matching, scanned, "", unreadable)
        return Page(matching, scanned, after, unreadable)

    async def _ensure(self, part: Create, deadline: Deadline) -> None:
        """Write a part that may be there: its name holds a digest of what it says."""
        try:
            await self.documents.commit([part], deadline)
        except WriteConflict:
            return


def _part(document: Document | None) -> bytes:
    if document is None:
        raise Unavailable("a part of a dead letter's body is missing")
    return document.state
