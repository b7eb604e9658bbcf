"""What people may do with a dead letter, each step pure: edit it, send it again, give it up, and who has to agree.

A letter that pays or stops a payment is settled by two, and so is one whose client reads what somebody here edited: one
proposes, another confirms. A command is only ever sent to the topic it came by, whatever it says it is: who may publish
there was settled by IAM, and editing is no way round it. Nor does it make another command of one: see `FIXED`.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from shared.commands import ledger
from shared.commands.command import MAX_BYTES, Command, parse
from shared.commands.status import CommandStatus
from shared.commands.types import PAYMENTS
from shared.dead_letters.letter import RETENTION, Letter, Proposal, Status
from shared.errors import Conflict, Invalid, Problem
from shared.http.json_body import json_object
from shared.json_pointer import resolve, split
from shared.messaging.topics import subscriber_of, topics
from shared.storage.documents import Document, Write

NEVER_EDITED = frozenset({"resolve_transaction"})
"""Types that are sent as they were decided, or not at all."""

FIXED = {
    pointer: split(pointer)
    for pointer in (
        *("/id", "/type", "/issued_at", "/issued_by", "/not_after", "/operation"),
        *("/payload/client_id", "/payload/transaction_id", "/payload/review"),
    )
}
"""What makes a command this one, by JSON pointer: an edit leaves it as it came, also where it came broken."""

_READ_BY_CLIENTS = frozenset({"notify_client"})
_HANDED_ON = {"notifications": "notify_client"}  # topics of commands that are done once they are there


class Resolution(NamedTuple):
    """A letter after a step, and the ledger's write where there is one; not `done` where it is proposed only."""

    letter: Letter
    done: bool
    ledger: Write | None = None


def redrive(
    letter: Letter, proposal: Proposal, command: Command | None, document: Document | None, due_at: datetime
) -> Resolution:
    """The letter as it is to be sent again from `due_at` on; `document` is its entry in the ledger.

    `command` is the one in its present body, `proposal` says who wants it. Raises `Conflict` where it cannot be sent,
    or not by this person.
    """
    if letter.topic not in topics():
        raise Conflict("nobody knows which topic it came by: it cannot be sent there again")
    if command_type(letter) and command is None:
        raise Conflict("it is no command yet: edit it first")
    if letter.truncated_from:
        raise Conflict("its body was too large to be kept: there is nothing to send")
    resolution = _four_eyes(letter, proposal, Status.REDRIVEN)
    if not resolution.done or not in_ledger(letter) or command is None:
        return resolution
    return resolution._replace(ledger=ledger.reopened(document, command, proposal.at, due_at))


def discarded(letter: Letter, proposal: Proposal, command: Command | None, document: Document | None) -> Resolution:
    """The letter as it is given up; `command` is the one that came, if any, `document` its entry in the ledger."""
    resolution = _four_eyes(letter, proposal, Status.DISCARDED)
    if not resolution.done or command is None or document is None:
        return resolution
    entry = ledger.read(document)
    if entry.digest != command.digest() or entry.status is not CommandStatus.DEAD_LETTERED:
        return resolution  # the entry tells of another command of that id, or has gone on
    return resolution._replace(ledger=ledger.discarded(document, proposal.at))


def edited(letter: Letter, original: bytes, body: bytes) -> Letter:
    """The letter as it is once `body` is to be sent instead of `original`, which came.

    Raises `Conflict` where that may not be, `Invalid` and `TooLarge` for a body that is no command of its type, or not
    this one.
    """
    _check_waits(letter)
    if command_type(letter) in NEVER_EDITED:
        raise Conflict(f"{letter.type} is never edited: redrive it as it was decided, or discard it")
    command_in(letter, body)
    check_same_command(original, body)
    return msgspec.structs.replace(letter, edited=True, proposal=None)


def check_same_command(original: bytes, body: bytes) -> None:
    """Return if `body`, a command, is the one that came as `original`; raise `Invalid`, naming what differs."""
    if len(original) > MAX_BYTES:
        raise Invalid(Problem("", f"what came has more than {MAX_BYTES} bytes: no command has, discard it"))
    try:
        came = json_object(original)
    except Invalid as error:
        raise Invalid(Problem("", "what came is no JSON object: no command can be made of it, discard it")) from error
    sent = json_object(body)
    changed = [pointer for pointer, path in FIXED.items() if resolve(came, path) != resolve(sent, path)]
    if changed:
        raise Invalid(*(Problem(pointer, "expected as it came: an edit makes no other command") for pointer in changed))


def takes_two(letter: Letter) -> bool:
    """Whether one person proposes what becomes of it and another confirms."""
    return letter.type in PAYMENTS or (letter.edited and command_type(letter) in _READ_BY_CLIENTS)


def command_type(letter: Letter) -> str:
    """The type of the commands on the topic the letter came by; empty where that carries none."""
    topic = topics().get(letter.topic)
    return (topic.command or _HANDED_ON.get(topic.name, "")) if topic is not None else ""


def command_in(letter: Letter, body: bytes) -> Command:
    """The command that `body` is, of the type of the topic the letter came by.

    Raises `Invalid` and `TooLarge`, and `Conflict` for a letter that came by a topic of something else.
    """
    kind = command_type(letter)
    if not kind:
        raise Conflict("only a command can be edited and checked: anything else is its sender's to correct")
    command = parse(body)
    if command.type != kind:
        raise Invalid(Problem("/type", f"{kind} expected, which is what the topic it came by carries"))
    return command


def in_ledger(letter: Letter) -> bool:
    """Whether a ledger says where the command in the letter stands: one that was handed on is done for it."""
    topic = topics().get(letter.topic)
    return topic is not None and bool(topic.command)


def must_resend(letter: Letter) -> bool:
    """Whether a redriven letter is published to its topic from here: a command's ledger sends that itself."""
    return letter.status is Status.REDRIVEN and not in_ledger(letter)


def other_subscribers(letter: Letter) -> tuple[str, ...]:
    """Who else receives what is sent to the letter's topic: each sees the event again, and must know that it did."""
    topic = topics().get(letter.topic)
    if topic is None:
        return ()
    receivers = {*topic.subscribers, *(["archive"] if topic.archived else [])}
    return tuple(sorted(receivers - {subscriber_of(letter.subscription)}))


def expires_at(letter: Letter) -> datetime | None:
    """Until when a letter is kept; `None` while it waits."""
    return letter.settled_at + RETENTION if letter.settled_at is not None else None


def send_time(start: datetime, number: int, per_minute: int) -> datetime:
    """When the letter of that number, counted from 0, is to be sent."""
    return start + timedelta(minutes=1) * number / per_minute


def _four_eyes(letter: Letter, proposal: Proposal, status: Status) -> Resolution:
    """The letter settled, where nobody else has to agree or somebody else has; else with the proposal."""
    _check_waits(letter)
    first = letter.proposal
    if takes_two(letter):
        if first is None or first.action is not proposal.action:
            return Resolution(msgspec.structs.replace(letter, proposal=proposal), done=False)
        if first.by == proposal.by:
            raise Conflict(f"{first.by} proposed it: somebody else has to confirm")
    return Resolution(
        msgspec.structs.replace(
            letter, status=status, settled_by=proposal.by, settled_at=proposal.at, resolution_reason=proposal.reason
        ),
        done=True,
    )


def _check_waits(letter: Letter) -> None:
    if letter.status is not Status.WAITING:
        raise Conflict(f"it is {letter.status} already")
