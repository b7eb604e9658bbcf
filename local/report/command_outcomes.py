"""The outcomes of the commands that answers led to: their ledger entries, reviews and messages to clients."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shared.commands import ledger
from shared.commands.ledger import Entry
from shared.commands.status import CommandStatus
from shared.deadline import Deadline
from shared.notifications import history
from shared.risk.reviews import stored_review
from shared.risk.reviews.review import Review
from shared.storage.documents import Document, Documents

_LOOK_EVERY = 0.3
_WITHIN = 30.0  # seconds for one look
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The ledger's entries, the reviews and the messages to clients as stored at one moment, each by id."""

    entries: Mapping[str, Entry]
    reviews: Mapping[str, Review]
    messages: Mapping[str, history.HistoryEntry]


@dataclass(frozen=True, slots=True)
class CommandOutcomes:
    """The ids of the commands that answers came with (`issued`), of commands that were parked at least once, and of
    messages to clients that had to wait at least once (`delayed`).
    """

    issued: Sequence[str]
    parked: Sequence[str]
    delayed: Sequence[str]
    snapshot: Snapshot

    @property
    def missing(self) -> Sequence[str]:
        """The ids of issued commands that have no ledger entry."""
        return [command for command in self.issued if command not in self.snapshot.entries]

    @property
    def commands(self) -> Mapping[str, Mapping[str, int]]:
        """How many commands have each status, by type."""
        counts: dict[str, Counter[str]] = {}
        for entry in self.snapshot.entries.values():
            counts.setdefault(entry.type, Counter())[entry.status.value] += 1
        return {kind: dict(counts[kind]) for kind in sorted(counts)}

    @property
    def recovered(self) -> Mapping[str, tuple[int, int]]:
        """By type, and for `messages`: how many had to wait, and how many of those are done."""
        waited, done = Counter[str](), Counter[str]()
        for entry in (self.snapshot.entries[command] for command in self.parked if command in self.snapshot.entries):
            waited[entry.type] += 1
            done[entry.type] += entry.status is CommandStatus.DONE
        for message in (
            self.snapshot.messages[message_id] for message_id in self.delayed if message_id in self.snapshot.messages
        ):
            waited["messages"] += 1
            done["messages"] += message.final
        return {kind: (count, done[kind]) for kind, count in sorted(waited.items())}

    @property
    def reviews(self) -> Mapping[str, int]:
        """How many reviews have each status."""
        return dict(Counter(review.status for review in self.snapshot.reviews.values()))

    @property
    def messages(self) -> Mapping[str, int]:
        """How many messages to clients have each status."""
        return dict(Counter(message.status.value for message in self.snapshot.messages.values()))

    @property
    def tickets(self) -> Sequence[str]:
        """The keys of the tickets."""
        return [entry.result["ticket"] for entry in self.snapshot.entries.values() if "ticket" in entry.result]


async def settled_outcomes(documents: Documents, logs: Path, within: float) -> CommandOutcomes:
    """The outcomes once every command has ended, or after `within` seconds. `logs` is the stack's log folder."""
    until = time.monotonic() + within
    while True:
        issued, snapshot = list(_issued(logs / "advice.jsonl")), await take_snapshot(documents)
        if not unfinished(issued, snapshot) or time.monotonic() > until:
            return CommandOutcomes(issued, _parked(logs), _delayed(logs), snapshot)
        await asyncio.sleep(_LOOK_EVERY)


async def take_snapshot(documents: Documents) -> Snapshot:
    """Everything as it is stored now."""
    reviews = [
        stored_review.CODEC.decode(document).review
        async for document in _all(documents, stored_review.CODEC.collection.name)
    ]
    histories = [history.read(document.key, document).history async for document in _all(documents, history.COLLECTION)]
    return Snapshot(
        {document.key.id: ledger.read(document) async for document in _all(documents, ledger.COLLECTION)},
        {review.id: review for review in reviews},
        {entry.id: entry for client_history in histories for entry in client_history.entries},
    )


def unfinished(issued: Sequence[str], snapshot: Snapshot) -> list[str]:
    """The ids of commands and messages that have not ended: those issued, those of reviews, those to clients."""
    expected = set(issued) | set(snapshot.entries)
    expected |= {f"{review_id}:open" for review_id in snapshot.reviews}
    expected |= {f"{review.id}:done" for review in snapshot.reviews.values() if review.decision is not None}
    expected |= {entry.result["told"] for entry in snapshot.entries.values() if "told" in entry.result}
    waiting = [
        command for command in expected if command not in snapshot.entries or not snapshot.entries[command].final
    ]
    sent = [
        command
        for command, entry in snapshot.entries.items()
        if entry.type == "notify_client" and entry.status is CommandStatus.DONE
    ]
    return [
        *waiting,
        *(command for command in sent if command not in snapshot.messages or not snapshot.messages[command].final),
    ]


class _Line(msgspec.Struct):
    kind: str
    commands: list[str] = []
    command_id: str = ""


_line = msgspec.json.Decoder(_Line).decode


def _issued(log: Path) -> Iterator[str]:
    for line in _lines(log, b'"commands":['):
        yield from line.commands


def wait_count(logs: Path) -> int:
    """How many commands and messages had to wait so far."""
    return len(_parked(logs)) + len(_delayed(logs))


def _parked(logs: Path) -> list[str]:
    return _ids(logs / "command_dispatch.jsonl", b'"outcome":"parked"')


def _delayed(logs: Path) -> list[str]:
    return _ids(logs / "push_notification.jsonl", b'"outcome":"waiting"')


def _ids(log: Path, outcome: bytes) -> list[str]:
    """The ids of commands or messages that had that outcome at least once."""
    return list(dict.fromkeys(line.command_id for line in _lines(log, outcome)))


def _lines(log: Path, word: bytes) -> Iterator[_Line]:
    with log.open("rb") as lines:
        for line in lines:
            if word in line and line.endswith(b"\n"):
                yield _line(line)


async def _all(documents: Documents, collection: str) -> AsyncIterator[Document]:
    after = ""
    while page := await documents.scan(collection, Deadline.after(_WITHIN), after=after, limit=_PAGE):
        for document in page:
            yield document
        after = page[-1].key.id
