"""How acts become entries: those that wait are one commit, of what they change, an entry each, and the head."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from shared.audit.change import AuditedChange, ChangeResult
from shared.audit.entry import ENTRIES, FIRST, HEAD, HEADS, Entry, Head, Outcome, entry_key, sealed
from shared.errors import Damaged, Permanent
from shared.storage.batch_fold import FoldResult
from shared.storage.documents import Create, Delete, Document, Increment, Key, Update, Write


class Recorded(msgspec.Struct, frozen=True):
    """What became of one act: its result or the refusal, and where in the chain it stands."""

    result: Any
    refusal: Permanent | None
    entry: Entry
    hash: str


class Chain:
    """Folds a group of acts, in their order. Implements `shared.storage.batch_fold.BatchFold`."""

    def keys(self, items: Sequence[AuditedChange[Any]]) -> Sequence[Key]:
        """The head, and what the acts read."""
        return list(dict.fromkeys([HEAD, *(key for item in items for key in item.keys)]))

    def fold(
        self, documents: Mapping[Key, Document | None], items: Sequence[AuditedChange[Any]]
    ) -> FoldResult[Recorded]:
        """The writes of all acts that are not refused, each act seeing what those before it leave."""
        head_document = documents[HEAD]
        head = Head() if head_document is None else HEADS.decode(head_document)
        seen = dict(documents)
        touched: set[Key] = set()
        writes: list[Write] = []
        results: list[Recorded] = []
        for item in items:
            done, refusal = _attempted(item, seen)
            for write in done.writes:
                seen[write.key] = _left(write, seen[write.key])
                touched.add(write.key)
            entry = _entry(item, done, refusal, head)
            seal = sealed(entry)
            head = Head(entry.sequence, seal.hash)
            writes.append(ENTRIES.create(entry_key(entry.sequence), seal))
            results.append(Recorded(done.result, refusal, entry, seal.hash))
        merged = (_merged(documents[key], key, seen[key]) for key in sorted(touched))
        writes += [write for write in merged if write is not None]
        writes.append(HEADS.put(head_document, HEAD, head))
        return FoldResult(writes, results)


def _attempted(
    item: AuditedChange[Any], seen: Mapping[Key, Document | None]
) -> tuple[ChangeResult[Any], Permanent | None]:
    try:
        return item.fold({key: seen[key] for key in item.keys}), None
    except Damaged:
        raise  # a fault of ours: nobody was refused anything
    except Permanent as error:
        return ChangeResult(None, targets=item.targets), error


def _entry(item: AuditedChange[Any], done: ChangeResult[Any], refusal: Permanent | None, head: Head) -> Entry:
    context = item.context
    outcome = Outcome.REFUSED if refusal else Outcome.DONE if done.changed else Outcome.UNCHANGED
    return Entry(
        sequence=head.sequence + 1,
        previous=head.hash if head.sequence else FIRST,
        at=context.at,
        actor=context.actor,
        action=context.action,
        outcome=outcome,
        targets=done.targets,
        subjects=done.subjects,
        reason=context.reason,
        trace_id=context.trace.trace_id if context.trace else "",
    )


def _left(write: Write, before: Document | None) -> Document | None:
    """The document as `write` leaves it, for the acts behind it in the same commit."""
    match write:
        case Create(key, state, due_at, expires_at):
            return Document(key, state, "", 0, due_at, expires_at)
        case Update(key, version, state, due_at, expires_at):
            return Document(key, state, version, before.count if before else 0, due_at, expires_at)
        case Increment():
            raise TypeError("an act creates, updates and deletes documents")
        case Delete():
            return None


def _merged(before: Document | None, key: Key, after: Document | None) -> Write | None:
    """The one write that leads from what was read to what the last act leaves."""
    if after is None:
        return None if before is None else Delete(key, before.version)
    if before is None:
        return Create(key, after.state, after.due_at, after.expires_at)
    return Update(key, before.version, after.state, after.due_at, after.expires_at)
