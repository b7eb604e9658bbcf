"""Asking a risk function: whatever it does, within the deadline there is a decision, its own or the declared one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from shared import schema_files
from shared.advice import Advice
from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, Misconfigured, Problem, Transient
from shared.http.allowed_hosts import NONE, AllowedHosts
from shared.http.circuit_breaker import Breaker
from shared.http.json_body import json_object
from shared.json_schema import JsonSchema
from shared.risk.question import Question
from shared.trace import Trace

from .answer import DecidedBy, Decision, FallbackReason
from .commands import issue

_encode = msgspec.json.Encoder().encode
_REVIEW = "open_review"
_RETURN_TRIP = 0.005  # seconds kept for the way back, so that a risk function that uses all of its time is still heard


class HttpPost(Protocol):
    """Sends a body and gives the answer's; raises `DeadlineExceeded`, `Unavailable`, `Invalid` or `Misconfigured`."""

    async def post(self, url: str, body: bytes, headers: dict[str, str], deadline: Deadline) -> bytes:
        """See `shared.http.function_client.FunctionClient.post`."""
        ...


class RiskFunctions(msgspec.Struct):
    """The risk functions by name, each behind a circuit breaker of its own. `urls` maps the names operations use.

    An operation may give an `https` address instead, of one of `hosts`: what is published does not decide where
    questions go.
    """

    http: HttpPost
    urls: Mapping[str, str]
    clock: Clock
    hosts: AllowedHosts = NONE
    _breakers: dict[str, Breaker] = msgspec.field(default_factory=dict)
    _decision: JsonSchema = msgspec.field(
        default_factory=lambda: JsonSchema(schema_files.load("json/risk_function/decision.v1.json"))
    )

    async def ask(self, question: Question, trace: Trace, deadline: Deadline) -> Decision:
        """The risk function's decision, or the declared one for `question`'s case; raises nothing of our tree."""
        time_left = deadline.remaining()
        if not time_left:
            return fallback(question, FallbackReason.LATE)
        name = question.operation.risk_function
        breaker = self._breakers.setdefault(name, Breaker())
        begun = self.clock.monotonic()
        if not breaker.allows(begun):
            return fallback(question, FallbackReason.CIRCUIT_OPEN)
        try:
            decision = await self._decide(name, question, trace, deadline)
        except (Transient, Invalid, Misconfigured) as error:
            failure = _failure(error)
            if not isinstance(error, Transient) or (
                failure is FallbackReason.LATE and time_left < _min_fair_deadline(question)
            ):
                breaker.abandoned(begun)  # whoever asked like this is to blame: nobody is cut off for that
            else:
                breaker.failed(begun, self.clock.monotonic())
            return fallback(question, failure, error)
        except BaseException:
            breaker.abandoned(begun)
            raise
        breaker.succeeded()
        return decision

    async def _decide(self, name: str, question: Question, trace: Trace, deadline: Deadline) -> Decision:
        headers = {
            "traceparent": trace.traceparent(),
            "x-deadline-ms": str(max(1, int((deadline.remaining() - _RETURN_TRIP) * 1000))),
        }
        answer = await self.http.post(self._url(name), _request(question), headers, deadline)
        document = json_object(answer)
        self._decision.validate(document)
        return _legal(document, question, trace, self.clock.now())

    def _url(self, name: str) -> str:
        if name.startswith("https://"):
            if (urlsplit(name).hostname or "") in self.hosts:
                return name
            raise Misconfigured("SLACKER_RISK_FUNCTION_HOSTS does not name this risk function's host")
        url = self.urls.get(name)
        if url is None:
            raise Misconfigured(f"SLACKER_RISK_FUNCTIONS names no address for {name}")
        return url


def fallback(question: Question, reason: FallbackReason, error: BaseException | None = None) -> Decision:
    """What the operation declared for when its risk function does not decide, with the reason first."""
    versions = {"operation": question.version}
    return Decision(question.case.fallback, (reason,), DecidedBy.DECLARED, versions, error=error)


def _request(question: Question) -> bytes:
    return _encode(
        {
            "operation": question.operation.name,
            "operation_version": question.version,
            "operation_id": question.operation_id,
            "attempt": question.attempt,
            "at": question.at,
            "legal": question.case.legal,
            "question": question.body,
        }
    )


def _legal(document: dict[str, Any], question: Question, trace: Trace, now: datetime) -> Decision:
    advice = Advice(document["advice"])
    if advice not in question.case.legal:
        raise Invalid(Problem("/advice", "one of the legal answers of this case expected"))
    versions = {**document["versions"], "operation": question.version}
    returned = document.get("commands")
    commands = issue(returned, question, trace, now) if returned else ()
    if advice is Advice.MANUAL_APPROVAL_NEEDED and not any(command.type == _REVIEW for command in commands):
        raise Invalid(Problem("/commands", f"{_REVIEW} expected with {advice}: else it is held for ever"))
    return Decision(advice, tuple(document["reasons"]), DecidedBy.RISK_FUNCTION, versions, commands)


def _min_fair_deadline(question: Question) -> float:
    """Seconds below which being late is the fault of who asked: nobody may cut a risk function off for the others."""
    return (question.operation.deadline - question.operation.reserve) / 3


def _failure(error: BaseException) -> FallbackReason:
    if isinstance(error, DeadlineExceeded):
        return FallbackReason.LATE
    if isinstance(error, Invalid):
        return FallbackReason.INVALID
    return FallbackReason.UNAVAILABLE
