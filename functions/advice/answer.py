"""The answer as the bank reads it; its bytes are what is put on record, so that asking again gives them back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from shared.advice import Advice
from shared.commands.command import Command
from shared.risk.question import Question

_encode = msgspec.json.Encoder().encode


class DecidedBy(StrEnum):
    """Who gave the answer."""

    RISK_FUNCTION = "risk_function"
    DECLARED = "declared"
    SANDBOX = "sandbox"


class FallbackReason(StrEnum):
    """Why an operation's declared answer was given; the first of its reasons."""

    LATE = "RISK_FUNCTION_LATE"
    """No answer within the deadline."""

    UNAVAILABLE = "RISK_FUNCTION_UNAVAILABLE"
    """Down, or it answered with an error."""

    INVALID = "RISK_FUNCTION_INVALID"
    """It answered something that is not a decision, or one that is not legal in this case."""

    CIRCUIT_OPEN = "RISK_FUNCTION_LEFT_ALONE"
    """Its circuit breaker is open: it failed too often just now, and is asked again soon."""

    NOT_RECORDED = "ANSWER_NOT_RECORDED"
    """A manual approval was advised, but the review that goes with it could be neither stored nor opened."""


class Decision(msgspec.Struct, frozen=True):
    """What is advised and why. `commands` are done only if this is what is answered.

    `error` is what kept the risk function from deciding, where that was an exception; it is for the log.
    """

    advice: Advice
    reasons: Sequence[str]
    decided_by: DecidedBy
    versions: Mapping[str, str]
    commands: Sequence[Command] = ()
    error: BaseException | None = None

    @property
    def failure(self) -> FallbackReason | None:
        """Why the operation's declared answer stands in, `None` where it does not."""
        return FallbackReason(self.reasons[0]) if self.decided_by is DecidedBy.DECLARED else None


def encode(question: Question, decision: Decision, decided_at: datetime, *, recorded: bool) -> bytes:
    """The JSON of `schemas/json/advice/answer.v1.json`; `decided_at` is aware UTC."""
    return _encode(
        {
            "operation": question.operation.name,
            "operation_id": question.operation_id,
            "attempt": question.attempt,
            "advice": decision.advice,
            "reasons": decision.reasons,
            "decided_by": decision.decided_by,
            "versions": decision.versions,
            "recorded": recorded,
            "decided_at": decided_at,
        }
    )
