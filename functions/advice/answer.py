"""The answer as the bank reads it; its bytes are what is put on record, so that asking again gives them back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from shared.advice import Advice
from shared.commands.command import Command

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
    """It failed too often just now; it is asked again soon."""

    NOT_RECORDED = "ANSWER_NOT_RECORDED"
    """A manual approval was advised, but the review that goes with it could be neither stored nor opened."""


class Decision(msgspec.Struct, frozen=True):
    """What is advised and why, before it is an answer. `commands` are done only if this is what is answered."""

    advice: Advice
    reasons: Sequence[str]
    decided_by: DecidedBy
    versions: Mapping[str, str]
    commands: Sequence[Command] = ()


class Answer(msgspec.Struct, frozen=True):
    """A decision about one attempt at one operation, at a time (aware UTC)."""

    operation: str
    operation_id: str
    attempt: int
    decision: Decision
    decided_at: datetime

    def encoded(self, *, recorded: bool) -> bytes:
        """The JSON of `schemas/json/advice/answer.v1.json`."""
        return _encode(
            {
                "operation": self.operation,
                "operation_id": self.operation_id,
                "attempt": self.attempt,
                "advice": self.decision.advice,
                "reasons": self.decision.reasons,
                "decided_by": self.decision.decided_by,
                "versions": self.decision.versions,
                "recorded": recorded,
                "decided_at": self.decided_at,
            }
        )
