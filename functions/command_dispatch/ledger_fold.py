"""How the ledger is kept: claims and endings that wait are committed together, in one read and one write."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from shared.commands import ledger, switches
from shared.commands.ledger import Entry
from shared.documents import Document, Key
from shared.storage.group_commit import FoldResult

from .attempt_results import Ending, buried, end
from .claims import Claim, Turn, claim


class End(msgspec.Struct, frozen=True):
    """The end of an attempt: number `attempt` at the command of that id."""

    id: str
    attempt: int
    ending: Ending
    now: datetime


class Buried(msgspec.Struct, frozen=True):
    """The dead letter of the command of that id is published."""

    id: str


class Booked(msgspec.Struct, frozen=True):
    """What was booked: the `entry` as it is now, whose `turn` it is after a claim, whether anything was `changed`."""

    entry: Entry | None
    changed: bool
    turn: Turn = Turn.LEAVE


Item = Claim | End | Buried


class Books:
    """Implements `shared.storage.group_commit.BatchFold`."""

    def keys(self, items: Sequence[Item]) -> list[Key]:
        """The entries, and the switches of what is claimed: each once."""
        keys = {_key(item): None for item in items}
        for item in items:
            if isinstance(item, Claim):
                keys.update(dict.fromkeys(switches.of(item.command)))
        return list(keys)

    def fold(self, held: Mapping[Key, Document | None], items: Sequence[Item]) -> FoldResult[Booked]:
        """See the port. Raises `Malformed` for an entry that cannot be read."""
        entries: dict[Key, Entry | None] = {}
        changed: dict[Key, Entry] = {}
        results = []
        for item in items:
            key = _key(item)
            if key not in entries:
                document = held[key]
                entries[key] = ledger.read(document) if document is not None else None
            before = entries[key]
            after, turn = _apply(before, item, held)
            if after is not None and after is not before:
                entries[key] = changed[key] = after
            results.append(Booked(entries[key], entries[key] is not before, turn))
        writes = [ledger.write(key, held[key], entry) for key, entry in changed.items()]
        return FoldResult(writes, results)


def _apply(before: Entry | None, item: Item, held: Mapping[Key, Document | None]) -> tuple[Entry | None, Turn]:
    if isinstance(item, Claim):
        return claim(before, item, switches.all_on(item.command, held))
    if isinstance(item, End):
        return end(before, item.attempt, item.ending, item.now), Turn.LEAVE
    return buried(before), Turn.LEAVE


def _key(item: Item) -> Key:
    return ledger.key(item.command.id if isinstance(item, Claim) else item.id)
