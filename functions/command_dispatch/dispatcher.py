"""From a delivery to a command that is done or otherwise accounted for: claimed, attempted, and its end booked.

A message is acknowledged when the ledger says what became of its command, and who is to look at that next. What is
wrong about the message itself never gets as far as the ledger: see `shared.messaging.subscriber`.
"""

from datetime import timedelta
from typing import Protocol

import msgspec
from msgspec.structs import replace

from shared.attempts.claim import ClaimDecision
from shared.clock import Clock
from shared.commands.command import Command, parse
from shared.commands.ledger import REDELIVERED, Entry
from shared.deadline import Deadline
from shared.errors import Conflict, Invalid, Misconfigured, Problem, SlackerError, Transient, Unavailable
from shared.messaging.dead_letter_publisher import DeadLetterPublisher, Reason, reason_of
from shared.messaging.messages import Delivery, Message
from shared.messaging.topics import topic_of, topics
from shared.storage.group_commit import GroupCommit
from shared.trace import Trace, child_of

from .attempt_results import AttemptResult, from_error, from_outcome
from .claims import ClaimRequest
from .handlers.registry import Handler
from .ledger_fold import AttemptEnded, DeadLettered, Item, LedgerUpdate
from .log_lines import CommandLog

_TO_BOOK = 1.0  # seconds kept for the end of an attempt, and for its dead letter
_TO_SAY = 0.1  # seconds for a handler whose call came to its end to say whether anything can have happened
_TO_BEGIN = 0.5  # seconds: with less than these an attempt would only end in doubt
_UNKNOWN = timedelta()  # the settling time of a type whose handler cannot be built: it is not attempted

Ledger = GroupCommit[Item, LedgerUpdate]


class Handlers(Protocol):
    """Who does commands."""

    def for_type(self, kind: str) -> Handler:
        """The handler of a type; raises `Misconfigured`."""
        ...


class Dispatcher(msgspec.Struct, frozen=True):
    """Implements `shared.messaging.subscriber.MessageHandler`; the ledger's times are `clock`'s."""

    ledger: Ledger
    handlers: Handlers
    dead_letters: DeadLetterPublisher
    lines: CommandLog
    clock: Clock

    async def parse(self, delivered: Delivery, deadline: Deadline) -> Command:  # noqa: ARG002 - the port's
        """See the port. Who may publish to a topic may issue its type of command, and no other."""
        command = parse(delivered.message.data)
        topic = topics().get(topic_of(delivered.subscription))
        if topic is None or not topic.command:
            raise Misconfigured("the subscription is of no topic of commands: call it {topic}.command_dispatch")
        if topic.command != command.type:
            raise Invalid(Problem("/type", f"{topic.command} expected, which is what this topic carries"))
        return command

    async def handle(self, item: Command, delivered: Delivery, trace: Trace, deadline: Deadline) -> None:
        """See the port; returns when there is nothing that another delivery would have to do."""
        trace = child_of(item.traceparent, bytes.fromhex(trace.trace_id + trace.span_id))
        body = delivered.message.data
        claim = ClaimRequest(item, body, item.digest(), self.clock.now(), self._settling_time(item.type))
        update = await self.ledger.submit(claim, len(body), deadline)
        entry, decision = update.entry, update.decision
        if decision is ClaimDecision.RETRY:
            raise Unavailable("the command is being done, or was until somebody died: to be delivered again")
        if decision is ClaimDecision.CONFLICT:
            conflict = reason_of(Conflict("another command has the same id"))
            await self._publish(conflict, item, delivered, trace, deadline)
            self.lines.conflict(trace, item, conflict)
        elif entry is not None and decision is ClaimDecision.ATTEMPT:
            await self._perform(item, entry, delivered, trace, deadline)
        elif entry is not None and entry.dead_letter_pending:
            await self._dead_letter(entry, item, delivered, trace, deadline)
        elif entry is not None and decision is ClaimDecision.REPORT:
            self.lines.status(trace, item, entry)
        else:
            self.lines.duplicate(trace, item)

    def _settling_time(self, kind: str) -> timedelta:
        try:
            return self.handlers.for_type(kind).settling_time
        except Exception:  # noqa: BLE001 - the attempt meets the same, once the command is claimed
            return _UNKNOWN

    async def _perform(
        self, command: Command, entry: Entry, delivered: Delivery, trace: Trace, deadline: Deadline
    ) -> None:
        result, error = await self._attempt(command, entry, trace, deadline.less(_TO_BOOK))
        if error is not None:
            self.lines.failed(trace, command, error)
        ended = AttemptEnded(command.id, entry.until, result, self.clock.now())
        update = await self.ledger.submit(ended, 0, deadline)
        if update.entry is None or not update.changed:
            self.lines.superseded(trace, command)
            return
        if result.dead_letter is not None:
            await self._dead_letter(update.entry, command, delivered, trace, deadline)
        self.lines.status(trace, command, update.entry)
        if result.outcome.code == REDELIVERED and isinstance(error, Transient):
            raise error

    async def _attempt(
        self, command: Command, entry: Entry, trace: Trace, deadline: Deadline
    ) -> tuple[AttemptResult, Exception | None]:
        """How it ended, and what was raised."""
        try:
            handler = self.handlers.for_type(command.type)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a handler, its commands are accounted for
            return from_error(error, _UNKNOWN), error
        if deadline.remaining() < _TO_BEGIN:
            late = Unavailable("too little time was left to begin")
            return from_error(late, _UNKNOWN), late
        try:
            async with deadline.timeout():
                handler_deadline = deadline.less(_TO_SAY)
                outcome = await handler.perform(
                    command, uncertain=entry.uncertain, trace=trace, deadline=handler_deadline
                )
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, its command is accounted for
            return from_error(error, handler.settling_time), error
        return from_outcome(outcome), None

    async def _dead_letter(
        self, entry: Entry, command: Command, delivered: Delivery, trace: Trace, deadline: Deadline
    ) -> None:
        """Publish the dead letter that the ledger says is still to be published, then say there that it is.

        Everything that a letter's id is made of is the ledger's: published after several deliveries, it is one letter.
        """
        same = replace(delivered, message=Message(entry.envelope), published_at=entry.changed_at)
        await self._publish(Reason(entry.code, entry.reason, entry.field), command, same, trace, deadline)
        await self.ledger.submit(DeadLettered(command.id), 0, deadline)

    async def _publish(
        self, letter: Reason, command: Command, delivered: Delivery, trace: Trace, deadline: Deadline
    ) -> None:
        try:
            await self.dead_letters.publish(delivered, letter, deadline)
        except SlackerError as failure:
            self.lines.not_published(trace, command, failure)
            raise Unavailable("the dead letter was not published") from failure
