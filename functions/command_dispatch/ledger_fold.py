"""How the ledger is kept: claims and results that wait are committed together, in one read and one write."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from shared.attempts.claim import ClaimDecision
from shared.commands import kill_switches, ledger
from shared.commands.ledger import Entry
from shared.storage.batch_fold import FoldResult
from shared.storage.documents import Document, Key

from .attempt_results import AttemptResult, apply, dead_lettered
from .claims import ClaimRequest, claim


class AttemptEnded(msgspec.Struct, frozen=True):
    """The attempt at the command of that id whose lease ends at `lease` has ended."""

    id: str
    lease: datetime
    result: AttemptResult
    now: datetime


class DeadLettered(msgspec.Struct, frozen=True):
    """The dead letter of the command of that id is published."""

    id: str


class LedgerUpdate(msgspec.Struct, frozen=True):
    """What was booked: the `entry` as it is now, the `decision` on a claim, whether anything was `changed`."""

    entry: Entry | None
    changed: bool
    decision: ClaimDecision = ClaimDecision.ACK


Item = ClaimRequest | AttemptEnded | DeadLettered


class LedgerFold:
    """Implements `shared.storage.batch_fold.BatchFold`."""

    def keys(self, items: Sequence[Item]) -> list[Key]:
        """The entries, and the switches of what is claimed: each once."""
        keys = {_key(item): None for item in items}
        for item in items:
            if isinstance(item, ClaimRequest):
                keys.update(dict.fromkeys(kill_switches.keys_for_command(item.command)))
        return list(keys)

    def fold(self, documents: Mapping[Key, Document | None], items: Sequence[Item]) -> FoldResult[LedgerUpdate]:
        """See the port. Raises what `ledger.read` does for an entry that cannot be read."""
        entries: dict[Key, Entry | None] = {}
        changed: dict[Key, Entry] = {}
        results = []
        for item in items:
            key = _key(item)
            if key not in entries:
                document = documents[key]
                entries[key] = ledger.read(document) if document is not None else None
            before = entries[key]
            after, decision = _apply(before, item, documents)
            if after is not None and after is not before:
                entries[key] = changed[key] = after
            results.append(LedgerUpdate(entries[key], entries[key] is not before, decision))
        writes = [ledger.write(key, documents[key], entry) for key, entry in changed.items()]
        return FoldResult(writes, results)


def _apply(
    before: Entry | None, item: Item, documents: Mapping[Key, Document | None]
) -> tuple[Entry | None, ClaimDecision]:
    if isinstance(item, ClaimRequest):
        return claim(before, item, switched_on=kill_switches.all_on(item.command, documents))
    if isinstance(item, AttemptEnded):
        return apply(before, item.lease, item.result, item.now), ClaimDecision.ACK
    return dead_lettered(before), ClaimDecision.ACK


def _key(item: Item) -> Key:
    return ledger.key(item.command.id if isinstance(item, ClaimRequest) else item.id)
