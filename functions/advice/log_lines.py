"""What advice tells its log: a line per answer, in the fields of `schemas/json/log_line.v1.json`."""

from shared.risk.question import Question
from shared.runtime.log import Log
from shared.trace import Trace

from .advise import AdviceResult


def answered(log: Log, trace: Trace, question: Question, advised: AdviceResult, caller: str, took: float) -> None:
    """The decision log's line, written before the answer is given. `took` is in seconds."""
    decision = advised.decision
    if decision is None:
        log.write(
            "answered_again",
            "INFO",
            trace,
            operation=question.operation.name,
            operation_id=question.operation_id,
            attempt=question.attempt,
            client=question.client,
            caller=caller,
            recorded=True,
            took_ms=round(took * 1000, 3),
        )
        return
    risk_decision = advised.risk_decision
    kept = advised.recorded or advised.publish_failure is None
    returned = [command.id for command in risk_decision.commands] if risk_decision is not None else []
    log.write(
        "answer",
        "NOTICE" if risk_decision is None or risk_decision.failure is None else "WARNING",
        trace,
        operation=question.operation.name,
        operation_id=question.operation_id,
        attempt=question.attempt,
        client=question.client,
        at=question.at,
        caller=caller,
        advice=decision.advice,
        reasons=decision.reasons,
        decided_by=decision.decided_by,
        versions=decision.versions,
        recorded=advised.recorded,
        took_ms=round(took * 1000, 3),
        **({"commands": returned} if returned and kept else {}),
    )
    if risk_decision is not None and risk_decision.error is not None:
        name = question.operation.risk_function
        log.write_exception(
            "risk_function_failed", trace, risk_decision.error, operation_id=question.operation_id, risk_function=name
        )
    lost = 0 if kept else len(returned)
    if advised.record_failure is not None:
        log.write_exception(
            "answer_not_recorded", trace, advised.record_failure, operation_id=question.operation_id, commands_lost=lost
        )
    if advised.publish_failure is not None:
        log.write_exception(
            "commands_not_published", trace, advised.publish_failure, operation_id=question.operation_id
        )
