"""Settling dead letters: one act for a batch, each letter with its command's ledger, whatever the others lead to."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from shared.audit.change import AuditContext, AuditedChange, ChangeResult, Held
from shared.commands import ledger
from shared.commands.command import MAX_BYTES, Command
from shared.dead_letters.letter import CODEC, Action, Letter, Proposal
from shared.dead_letters.resolution import (
    Resolution,
    command_in,
    command_type,
    discarded,
    expires_at,
    in_ledger,
    other_subscribers,
    redrive,
    send_time,
)
from shared.dead_letters.store import Found, LetterStore
from shared.deadline import Deadline
from shared.errors import Conflict, Permanent, TooLarge
from shared.storage.documents import Document, Key, Write


class Result(NamedTuple):
    """What became of one letter: `redriven`, `discarded`, `proposed` or `refused`; `detail` says when or why."""

    letter: str
    outcome: str
    detail: str


class Candidate(NamedTuple):
    """A letter with the command in it; `error` is what keeps it from being one."""

    found: Found
    command: Command | None = None
    error: Permanent | None = None


class Batch(msgspec.Struct, frozen=True):
    """What somebody wants done with some letters; a redrive spaces them from `start` on, `per_minute` of them."""

    action: Action
    deed: AuditContext
    candidates: Sequence[Candidate]
    start: datetime
    per_minute: int

    def act(self) -> AuditedChange[list[Result]]:
        """The act; one that is about a single letter is refused as a whole."""
        ids = tuple(each.found.id for each in self.candidates)
        return AuditedChange(self.deed, tuple(self.keys()), self.fold, ids)

    def keys(self) -> list[Key]:
        """The documents of the letters and of their commands, each once."""
        ledgers = [key for each in self.candidates if (key := _ledger(each)) is not None]
        return list(dict.fromkeys([*(each.found.document.key for each in self.candidates), *ledgers]))

    def fold(self, held: Held) -> ChangeResult[list[Result]]:
        """See `AuditedChange`: what each letter leads to; pure."""
        results: list[Result] = []
        writes: dict[Key, Write] = {}
        about: list[Found] = []
        for number, candidate in enumerate(self.candidates):
            try:
                result, wanted = self._settle(candidate, held, send_time(self.start, number, self.per_minute))
                if any(write.key in writes for write in wanted):
                    raise Conflict("another letter of the same command is settled here: this one next")
            except Permanent as error:
                if len(self.candidates) == 1:
                    raise
                results.append(Result(candidate.found.id, "refused", str(error)))
                continue
            results.append(result)
            writes.update({write.key: write for write in wanted})
            about.append(candidate.found)
        subjects = tuple(dict.fromkeys(each.letter.client for each in about if each.letter.client))
        return ChangeResult(
            results, [*writes.values()], tuple(each.id for each in about), subjects, changed=bool(writes)
        )

    def _settle(self, candidate: Candidate, held: Held, due_at: datetime) -> tuple[Result, list[Write]]:
        found, command, error = candidate
        document = held[found.document.key]
        if document is None or document.version != found.document.version:
            raise Conflict("somebody else changed it just now: look again")
        place = _ledger(candidate)
        entry = held[place] if place is not None else None
        proposal = Proposal(self.action, self.deed.actor, self.deed.at, self.deed.why)
        if self.action is Action.DISCARD:
            due_at = self.deed.at
            settled = discarded(found.letter, proposal, command, entry)
        else:
            if error is not None:
                raise error
            settled = redrive(found.letter, proposal, command, entry, due_at)
        ledgers = [] if settled.ledger is None else [settled.ledger]
        return self._result(found.id, settled, due_at), [_update(document, settled, due_at), *ledgers]

    def _result(self, letter: str, settled: Resolution, due_at: datetime) -> Result:
        if not settled.done:
            return Result(letter, "proposed", f"somebody other than {self.deed.actor} has to confirm it")
        if self.action is Action.DISCARD:
            return Result(letter, settled.letter.status, "")
        again = ", ".join(other_subscribers(settled.letter))
        seen = f"; seen again by {again}" if again else ""
        return Result(letter, settled.letter.status, f"sent from {due_at:%Y-%m-%d %H:%M:%S}Z on{seen}")


async def candidates(store: LetterStore, found: Sequence[Found], action: Action, deadline: Deadline) -> list[Candidate]:
    """The letters with what they say: as it came where they are given up, else as it is to be sent."""
    as_it_came = action is Action.DISCARD
    readable = [each for each in found if command_type(each.letter) and _small(each.letter, as_it_came)]
    bodies = await store.bodies(readable, deadline, as_it_came=as_it_came)
    read = {each.id: body for each, body in zip(readable, bodies, strict=True)}
    return [_candidate(each, read.get(each.id)) for each in found]


def _candidate(found: Found, body: bytes | None) -> Candidate:
    if not command_type(found.letter):
        return Candidate(found)
    try:
        if body is None:
            raise TooLarge(MAX_BYTES)
        return Candidate(found, command_in(found.letter, body))
    except Permanent as error:
        return Candidate(found, error=error)


def _ledger(candidate: Candidate) -> Key | None:
    """Where the command in a letter has its entry, if it has one."""
    command = candidate.command if in_ledger(candidate.found.letter) else None
    return ledger.key(command.id) if command is not None else None


def _small(letter: Letter, as_it_came: bool) -> bool:
    return letter.size <= MAX_BYTES or (letter.edited and not as_it_came)


def _update(document: Document, settled: Resolution, due_at: datetime) -> Write:
    letter = settled.letter
    due = due_at if settled.done else None
    return CODEC.put(document, document.key, letter, due_at=due, expires_at=expires_at(letter))
