"""From a delivery to a command that is done or otherwise accounted for: claimed, attempted, and its end booked.

A message is acknowledged when the ledger says what became of its command, and who is to look at that next. What is
wrong about the message itself never gets as far as the ledger: see `shared.http.push`.
"""

from datetime import timedelta
from typing import Protocol

import msgspec
from msgspec.structs import replace

from shared.clock import Clock
from shared.commands.command import Command, parse
from shared.commands.ledger import REDELIVERED, Entry
from shared.dead_letters.leaving import DeadLetters, Why, why
from shared.deadline import Deadline
from shared.errors import Conflict, Invalid, Misconfigured, Problem, SlackerError, Transient, Unavailable
from shared.messages import Delivery, Message
from shared.storage.group_commit import GroupCommit
from shared.topics import topic_of, topics
from shared.trace import Trace, continued

from .attempt_results import Ending, concluded, failed
from .claims import Claim, Turn
from .handler import Handler
from .ledger_fold import Booked, Buried, End, Item
from .log_lines import Lines

_TO_BOOK = 1.0  # seconds kept for the end of an attempt, and for its dead letter
_TO_SAY = 0.1  # seconds for a handler whose call came to its end to say whether anything can have happened
_TO_BEGIN = 0.5  # seconds: with less than these an attempt would only end in doubt
_UNKNOWN = timedelta()  # the settling time of a type whose handler cannot be built: it is not attempted

Ledger = GroupCommit[Item, Booked]


class Handlers(Protocol):
    """Who does commands."""

    def of(self, kind: str) -> Handler:
        """The handler of a type; raises `Misconfigured`."""
        ...


class Dispatcher(msgspec.Struct, frozen=True):
    """Implements `shared.http.push.Intake`; the ledger's times are `clock`'s."""

    ledger: Ledger
    handlers: Handlers
    dead_letters: DeadLetters
    lines: Lines
    clock: Clock

    async def read(self, delivered: Delivery, deadline: Deadline) -> Command:  # noqa: ARG002 - the port's
        """See the port. Who may publish to a topic may issue its type of command, and no other."""
        command = parse(delivered.message.data)
        topic = topics().get(topic_of(delivered.subscription))
        if topic is None or not topic.command:
            raise Misconfigured("the subscription is of no topic of commands: call it {topic}.command_dispatch")
        if topic.command != command.type:
            raise Invalid(Problem("/type", f"{topic.command} expected, which is what this topic carries"))
        return command

    async def keep(self, item: Command, delivered: Delivery, trace: Trace, deadline: Deadline) -> None:
        """See the port; returns when there is nothing that another delivery would have to do."""
        trace = continued(item.traceparent, bytes.fromhex(trace.trace_id + trace.span_id))
        body = delivered.message.data
        claim = Claim(item, body, item.digest(), self.clock.now(), self._settling(item.type))
        booked = await self.ledger.submit(claim, len(body), deadline)
        entry, turn = booked.entry, booked.turn
        if turn is Turn.WAIT:
            raise Unavailable("the command is being done, or was until somebody died: to be delivered again")
        if entry is None or turn is Turn.LEAVE:
            self.lines.repeated(trace, item)
        elif turn is Turn.TELL:
            self.lines.stands(trace, item, entry)
        elif turn is Turn.CONFLICT:
            conflict = why(Conflict("another command has the same id"))
            await self._publish(conflict, item, delivered, trace, deadline)
            self.lines.conflict(trace, item, conflict)
        elif turn is Turn.BURY:
            await self._bury(entry, item, delivered, trace, deadline)
        else:
            await self._perform(item, entry, delivered, trace, deadline)

    def _settling(self, kind: str) -> timedelta:
        try:
            return self.handlers.of(kind).settling
        except Exception:  # noqa: BLE001 - the attempt meets the same, once the command is claimed
            return _UNKNOWN

    async def _perform(
        self, command: Command, entry: Entry, delivered: Delivery, trace: Trace, deadline: Deadline
    ) -> None:
        ending, error = await self._attempt(command, entry, trace, deadline.less(_TO_BOOK))
        if error is not None:
            self.lines.failed(trace, command, error)
        booked = await self.ledger.submit(End(command.id, entry.attempts, ending, self.clock.now()), 0, deadline)
        if booked.entry is None or not booked.changed:
            self.lines.overtaken(trace, command)
            return
        if ending.letter is not None:
            await self._bury(booked.entry, command, delivered, trace, deadline)
        self.lines.stands(trace, command, booked.entry)
        if ending.code == REDELIVERED and isinstance(error, Transient):
            raise error

    async def _attempt(
        self, command: Command, entry: Entry, trace: Trace, deadline: Deadline
    ) -> tuple[Ending, Exception | None]:
        """How it ended, and what was raised."""
        try:
            handler = self.handlers.of(command.type)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a handler, its commands are accounted for
            return failed(error, _UNKNOWN), error
        if deadline.remaining() < _TO_BEGIN:
            late = Unavailable("too little time was left to begin")
            return failed(late, _UNKNOWN), late
        try:
            async with deadline.timeout():
                its = deadline.less(_TO_SAY)
                outcome = await handler.perform(command, uncertain=entry.uncertain, trace=trace, deadline=its)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, its command is accounted for
            return failed(error, handler.settling), error
        return concluded(outcome), None

    async def _bury(
        self, entry: Entry, command: Command, delivered: Delivery, trace: Trace, deadline: Deadline
    ) -> None:
        """Publish the dead letter that the ledger says is still to be published, then say there that it is.

        Everything that a letter's id is made of is the ledger's: published after several deliveries, it is one letter.
        """
        same = replace(delivered, message=Message(entry.envelope), published_at=entry.changed_at)
        await self._publish(Why(entry.code, entry.reason, entry.field), command, same, trace, deadline)
        await self.ledger.submit(Buried(command.id), 0, deadline)

    async def _publish(
        self, letter: Why, command: Command, delivered: Delivery, trace: Trace, deadline: Deadline
    ) -> None:
        try:
            await self.dead_letters.send(delivered, letter, deadline)
        except SlackerError as failure:
            self.lines.not_published(trace, command, failure)
            raise Unavailable("the dead letter was not published") from failure
