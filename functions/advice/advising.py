"""One question, one answer on record, in time: no failure of the risk function or the store keeps the bank waiting.

- Asked before: the stored answer, to the byte; with another body, a conflict.
- The store is late or down: the answer is given anyway, with `recorded: false`. Only a manual approval is not, for its
  review would be lost with the record: the declared answer stands in.
- Two instances asked the same at once: the one whose record came second gives the answer of the first.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec

from shared.advice import Advice
from shared.deadline import Deadline
from shared.errors import Transient, WriteConflict
from shared.trace import Trace

from .answer import Answer, DecidedBy, Decision, Declared
from .asking import Asked, RiskFunctions, declared
from .question import Question
from .record import Records


class Advised(msgspec.Struct, frozen=True):
    """What goes to the bank, and what the log tells of it. `answer` is `None` where the bytes were on record before."""

    body: bytes
    answer: Answer | None
    recorded: bool
    asked: Asked | None = None
    record_failure: BaseException | None = None


class Adviser(msgspec.Struct, frozen=True):
    """Answers questions. `now` gives aware UTC."""

    records: Records
    risk_functions: RiskFunctions
    now: Callable[[], datetime]

    async def advise(self, question: Question, trace: Trace, deadline: Deadline) -> Advised:
        """The answer to `question` before `deadline`; raises `Conflict` if its id came with another body."""
        operation = question.operation
        if not operation.recorded:
            return self._unrecorded(question, await self.risk_functions.ask(question, trace, deadline))
        reserve = min(operation.reserve, deadline.remaining() / 4)
        found = await self._ask_and_look(question, trace, deadline, reserve)
        if isinstance(found, bytes):
            return Advised(found, None, recorded=True)
        return await self._record(question, found, deadline)

    async def _ask_and_look(
        self, question: Question, trace: Trace, deadline: Deadline, reserve: float
    ) -> bytes | Asked:
        """The answer on record, if the look-up finds one before the decision is there, else the decision."""
        looking = asyncio.ensure_future(self.records.answered(question, deadline))
        asking = asyncio.ensure_future(self.risk_functions.ask(question, trace, deadline.less(reserve)))
        try:
            await asyncio.wait((looking, asking), return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                try:
                    before = looking.result()
                except Transient:
                    before = None  # the store is down or late: creating the record will tell again
                if before is not None:
                    return before
            return await asking
        finally:
            looking.cancel()
            asking.cancel()

    async def _record(self, question: Question, asked: Asked, deadline: Deadline) -> Advised:
        answer = self._answer(question, asked.decision)
        body = answer.encoded(recorded=True)
        try:
            try:
                await self.records.keep(question, answer, body, deadline)
            except WriteConflict:
                before = await self.records.answered(question, deadline)
                if before is None:
                    raise
                return Advised(before, None, recorded=True, asked=asked)
        except Transient as error:
            failure = error
        else:
            return Advised(body, answer, recorded=True, asked=asked)
        return self._unrecorded(question, asked, failure)

    def _unrecorded(self, question: Question, asked: Asked, failure: Transient | None = None) -> Advised:
        decision = asked.decision
        if decision.advice is Advice.MANUAL_APPROVAL_NEEDED:
            decision = declared(question, Declared.NOT_RECORDED)
        answer = self._answer(question, decision)
        return Advised(answer.encoded(recorded=False), answer, recorded=False, asked=asked, record_failure=failure)

    def _answer(self, question: Question, decision: Decision) -> Answer:
        return Answer(question.operation.name, question.operation_id, question.attempt, decision, self.now())


def sandbox_advised(question: Question, advice: Advice, now: datetime, reason: Declared | None = None) -> Advised:
    """An answer forced by the operation id; never on record."""
    decision = Decision(advice, (reason or "SANDBOX",), DecidedBy.SANDBOX, {"operation": question.version})
    answer = Answer(question.operation.name, question.operation_id, question.attempt, decision, now)
    return Advised(answer.encoded(recorded=False), answer, recorded=False)
