"""Redriving or discarding a batch of dead letters in one audited change; a letter that is refused stops no other."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from shared.audit.change import AuditContext, AuditedChange, ChangeResult, DocumentsRead
from shared.commands import ledger
from shared.commands.command import MAX_BYTES, Command
from shared.dead_letters.letter import CODEC, Action, Proposal
from shared.dead_letters.resolution import (
    Resolution,
    check_same_command,
    command_in,
    command_type,
    discarded,
    expires_at,
    in_ledger,
    other_subscribers,
    redrive,
    send_time,
)
from shared.dead_letters.store import LetterStore, StoredLetter
from shared.deadline import Deadline
from shared.errors import Conflict, Permanent, TooLarge
from shared.storage.documents import Document, Key, Write


class Result(NamedTuple):
    """What became of one letter: `redriven`, `discarded`, `proposed` or `refused`; `detail` says when or why."""

    letter: str
    outcome: str
    detail: str


class Candidate(NamedTuple):
    """A letter with the command in it; `error` says why its body is no valid command."""

    stored: StoredLetter
    command: Command | None = None
    error: Permanent | None = None


class Batch(msgspec.Struct, frozen=True):
    """An action on some letters. A redrive sends them from `start` (aware UTC) on, `per_minute` of them a minute."""

    action: Action
    context: AuditContext
    candidates: Sequence[Candidate]
    start: datetime
    per_minute: int

    def act(self) -> AuditedChange[list[Result]]:
        """The audited change; a batch of one letter is refused as a whole where that letter is refused."""
        ids = tuple(candidate.stored.id for candidate in self.candidates)
        return AuditedChange(self.context, tuple(self.keys()), self.fold, ids)

    def keys(self) -> list[Key]:
        """The documents of the letters and of their commands, each once."""
        ledgers = [key for candidate in self.candidates if (key := _ledger_key(candidate)) is not None]
        return list(dict.fromkeys([*(candidate.stored.document.key for candidate in self.candidates), *ledgers]))

    def fold(self, documents: DocumentsRead) -> ChangeResult[list[Result]]:
        """See `AuditedChange`: the result of each letter and what is to be written; pure."""
        results: list[Result] = []
        writes: dict[Key, Write] = {}
        settled: list[StoredLetter] = []
        for number, candidate in enumerate(self.candidates):
            try:
                result, letter_writes = self._settle(
                    candidate, documents, send_time(self.start, number, self.per_minute)
                )
                if any(write.key in writes for write in letter_writes):
                    raise Conflict("another letter of the same command is settled here: this one next")
            except Permanent as error:
                if len(self.candidates) == 1:
                    raise
                results.append(Result(candidate.stored.id, "refused", str(error)))
                continue
            results.append(result)
            writes.update({write.key: write for write in letter_writes})
            settled.append(candidate.stored)
        subjects = tuple(dict.fromkeys(stored.letter.client for stored in settled if stored.letter.client))
        return ChangeResult(
            results, [*writes.values()], tuple(stored.id for stored in settled), subjects, changed=bool(writes)
        )

    def _settle(self, candidate: Candidate, documents: DocumentsRead, due_at: datetime) -> tuple[Result, list[Write]]:
        stored, command, error = candidate
        document = documents[stored.document.key]
        if document is None or document.version != stored.document.version:
            raise Conflict("somebody else changed it just now: look again")
        ledger_key = _ledger_key(candidate)
        entry = documents[ledger_key] if ledger_key is not None else None
        proposal = Proposal(self.action, self.context.actor, self.context.at, self.context.reason)
        if self.action is Action.DISCARD:
            due_at = self.context.at
            resolution = discarded(stored.letter, proposal, command, entry)
        else:
            if error is not None:
                raise error
            resolution = redrive(stored.letter, proposal, command, entry, due_at)
        ledgers = [] if resolution.ledger is None else [resolution.ledger]
        return self._result(stored.id, resolution, due_at), [_update(document, resolution, due_at), *ledgers]

    def _result(self, letter: str, resolution: Resolution, due_at: datetime) -> Result:
        if not resolution.done:
            return Result(letter, "proposed", f"somebody other than {self.context.actor} has to confirm it")
        if self.action is Action.DISCARD:
            return Result(letter, resolution.letter.status, "")
        again = ", ".join(other_subscribers(resolution.letter))
        seen = f"; seen again by {again}" if again else ""
        return Result(letter, resolution.letter.status, f"sent from {due_at:%Y-%m-%d %H:%M:%S}Z on{seen}")


async def candidates(
    store: LetterStore, letters: Sequence[StoredLetter], action: Action, deadline: Deadline
) -> list[Candidate]:
    """The letters with what they say: as it came where they are given up, else as it is to be sent."""
    readable = [stored for stored in letters if command_type(stored.letter) and stored.letter.size <= MAX_BYTES]
    edited = [stored for stored in readable if stored.letter.edited and action is Action.REDRIVE]
    came = _by_letter(readable, await store.bodies(readable, deadline, as_it_came=True))
    instead = _by_letter(edited, await store.bodies(edited, deadline))
    return [_candidate(stored, came.get(stored.id), instead.get(stored.id)) for stored in letters]


def _by_letter(letters: Sequence[StoredLetter], bodies: Sequence[bytes]) -> dict[str, bytes]:
    return {stored.id: body for stored, body in zip(letters, bodies, strict=True)}


def _candidate(stored: StoredLetter, came: bytes | None, instead: bytes | None) -> Candidate:
    """A letter with the command that came, or is to be sent instead: the same one, also if it was edited before."""
    if not command_type(stored.letter):
        return Candidate(stored)
    try:
        if came is None:
            raise TooLarge(MAX_BYTES)
        if instead is not None:
            check_same_command(came, instead)
        return Candidate(stored, command_in(stored.letter, came if instead is None else instead))
    except Permanent as error:
        return Candidate(stored, error=error)


def _ledger_key(candidate: Candidate) -> Key | None:
    """Where the command in a letter has its entry, if it has one."""
    command = candidate.command if in_ledger(candidate.stored.letter) else None
    return ledger.key(command.id) if command is not None else None


def _update(document: Document, resolution: Resolution, due_at: datetime) -> Write:
    letter = resolution.letter
    due = due_at if resolution.done else None
    return CODEC.put(document, document.key, letter, due_at=due, expires_at=expires_at(letter))
