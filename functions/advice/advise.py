"""One question, one answer on record, in time: no failure of the risk function or the store keeps the bank waiting.

- Asked before: the stored answer, to the byte; with another body, a conflict.
- The answer's commands are committed with it and published before it is given, where time allows; else by
  `scheduled_work`.
- The store is late or down: the answer is given anyway, with `recorded: false`, and its commands are published at
  once. A manual approval is given so only if that was confirmed, for its review would be lost: else the declared answer
  stands in.
- Two instances asked the same at once: the one whose record came second gives the answer of the first.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime

import msgspec

from shared.advice import Advice
from shared.clock import Clock
from shared.commands.command import Command
from shared.deadline import Deadline
from shared.errors import Damaged, SlackerError, Transient, WriteConflict
from shared.risk.answers import AnswerRecord
from shared.risk.question import Question
from shared.storage.outbox import Outbox
from shared.trace import Trace

from .answer import DecidedBy, Decision, FallbackReason, encode
from .answer_store import AnswerStore
from .risk_functions import RiskFunctions, fallback

_TO_PUBLISH = 1 / 3
"""The share of the time left that a commit leaves to publishing, where there are commands."""


class AdviceResult(msgspec.Struct, frozen=True):
    """What goes to the bank, and what is logged. `decision` is `None` where the body was on record before.

    `risk_decision` is what the risk function led to, `None` where it was not asked. A `publish_failure` leaves the
    commands of a recorded answer to `scheduled_work`; those of another one are lost.
    """

    body: bytes
    decision: Decision | None
    recorded: bool
    risk_decision: Decision | None = None
    record_failure: BaseException | None = None
    publish_failure: SlackerError | None = None


class Adviser(msgspec.Struct, frozen=True):
    """Answers questions."""

    records: AnswerStore
    outbox: Outbox[AnswerRecord, Command]
    risk_functions: RiskFunctions
    clock: Clock

    async def advise(self, question: Question, trace: Trace, deadline: Deadline) -> AdviceResult:
        """The answer to `question` before `deadline`; raises `Conflict` if its id came with another body."""
        operation = question.operation
        if not operation.recorded:
            decision = await self.risk_functions.ask(question, trace, deadline)
            return await self._unrecorded(question, decision, deadline)
        reserve = min(operation.reserve, deadline.remaining() / 4)
        outcome = await self._ask_and_look(question, trace, deadline, reserve)
        if isinstance(outcome, bytes):
            return AdviceResult(outcome, None, recorded=True)
        return await self._record(question, outcome, deadline)

    async def _ask_and_look(
        self, question: Question, trace: Trace, deadline: Deadline, reserve: float
    ) -> bytes | Decision:
        """The answer on record, if the look-up finds one before the decision is there, else the decision."""
        looking = asyncio.ensure_future(self.records.find(question, deadline))
        asking = asyncio.ensure_future(self.risk_functions.ask(question, trace, deadline.less(reserve)))
        try:
            await asyncio.wait((looking, asking), return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                try:
                    before = looking.result()
                except (Transient, Damaged):
                    before = None  # the store is down or late: creating the record will tell again
                if before is not None:
                    return before
            return await asking
        finally:
            looking.cancel()
            asking.cancel()

    async def _record(self, question: Question, decision: Decision, deadline: Deadline) -> AdviceResult:
        decided_at = self.clock.now()
        body = encode(question, decision, decided_at, recorded=True)
        # Were the store to take all the time there is, none would be left to publish commands without it.
        keep_by = deadline.less(deadline.remaining() * _TO_PUBLISH) if decision.commands else deadline
        try:
            try:
                stored = await self.records.create(question, decision, decided_at, body, keep_by)
            except WriteConflict:
                before = await self.records.find(question, deadline)
                if before is None:
                    raise
                return AdviceResult(before, None, recorded=True, risk_decision=decision)
        except (Transient, Damaged) as failure:
            return await self._unrecorded(question, decision, deadline, failure)
        unpublished = None
        if decision.commands:
            unpublished = await _error_of(self.outbox.send(stored, self.clock.now(), deadline))
        return AdviceResult(body, decision, recorded=True, risk_decision=decision, publish_failure=unpublished)

    async def _unrecorded(
        self,
        question: Question,
        risk_decision: Decision,
        deadline: Deadline,
        failure: SlackerError | None = None,
    ) -> AdviceResult:
        decision, unpublished = risk_decision, None
        if decision.commands:
            unpublished = await _error_of(self.outbox.publish(decision.commands, deadline))
        if decision.advice is Advice.MANUAL_APPROVAL_NEEDED and unpublished is not None:
            decision = fallback(question, FallbackReason.NOT_RECORDED)
        body = encode(question, decision, self.clock.now(), recorded=False)
        return AdviceResult(body, decision, False, risk_decision, failure, unpublished)


async def _error_of(publishing: Awaitable[object]) -> SlackerError | None:
    """What went wrong with a publish, if anything did: it never costs the answer."""
    try:
        await publishing
    except SlackerError as error:
        return error
    return None


def sandbox_advised(
    question: Question, advice: Advice, now: datetime, reason: FallbackReason | None = None
) -> AdviceResult:
    """An answer forced by the operation id; never on record."""
    decision = Decision(advice, (reason or "SANDBOX",), DecidedBy.SANDBOX, {"operation": question.version})
    return AdviceResult(encode(question, decision, now, recorded=False), decision, recorded=False)
