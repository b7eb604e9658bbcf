"""A decision as `advice` reads it, with the commands that go with it, and as the decision log tells it."""

from typing import Any

import msgspec

from shared.advice import Advice
from shared.json_pointer import resolve
from shared.risk.legal_answers import ADJUSTED
from shared.runtime.log import Log
from shared.trace import Trace

from .decider import RiskDecision
from .request import Request

_encode = msgspec.json.Encoder().encode
_CLIENT = ("context", "client_id")
_AMOUNT = ("posting", "amount")


def encode(request: Request, decided: RiskDecision) -> bytes:
    """The JSON of `schemas/json/risk_function/decision.v1.json`."""
    decision: dict[str, Any] = {
        "advice": decided.advice,
        "reasons": _reasons(decided),
        "versions": {"rule_set": decided.version},
    }
    commands = _commands(request, decided)
    if commands:
        decision["commands"] = commands
    return _encode(decision)


def log_line(log: Log, trace: Trace, request: Request, decided: RiskDecision, took: float) -> None:
    """Tell the decision log what was decided over which values; `took` is in seconds."""
    values, outcome = decided.values, decided.outcome
    log.write(
        "decision",
        "NOTICE",
        trace,
        operation=request.operation,
        operation_id=request.operation_id,
        attempt=request.attempt,
        client=resolve(request.question, _CLIENT),
        at=request.at,
        advice=decided.advice,
        reasons=_reasons(decided),
        versions={"operation": request.operation_version, "rule_set": decided.version},
        score=outcome.score,
        hits=outcome.hits,
        unknowns=outcome.unknowns,
        features={name: value for name, index in decided.rules.loggable if (value := values[index]) is not None},
        took_ms=round(took * 1000, 3),
    )
    if decided.error is not None:
        log.write_exception("features_not_read", trace, decided.error, operation_id=request.operation_id)
    if decided.refreshed.problem is not None:
        log.write("rules_not_refreshed", "ERROR", trace, reason=decided.refreshed.problem)


def _reasons(decided: RiskDecision) -> tuple[str, ...]:
    reasons = decided.outcome.reasons
    return reasons if decided.advice is decided.outcome.advice else (*reasons, ADJUSTED)


def _commands(request: Request, decided: RiskDecision) -> list[dict[str, Any]]:
    """A manual approval opens its review; the client is told only where the rules that led to the advice permit it."""
    commands = []
    client = resolve(request.question, _CLIENT)
    if decided.advice is Advice.MANUAL_APPROVAL_NEEDED:
        review = {"client_id": client, "reasons": _reasons(decided), "rule_set": decided.version}
        amount = resolve(request.question, _AMOUNT)
        commands.append(_command("open_review", review if amount is None else {**review, "amount": amount}))
    if decided.outcome.notify is not None and decided.advice is decided.outcome.advice:
        message = {"channel": "push", "template": decided.outcome.notify, "category": "security"}
        commands.append(_command("notify_client", {"client_id": client, **message}))
    return commands


def _command(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "version": 1, "payload": payload}
