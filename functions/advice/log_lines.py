"""What advice tells its log: a line per answer, in the fields of `schemas/json/log_line.v1.json`."""

from shared.logs import Log
from shared.trace import Trace

from .advising import Advised
from .question import Question


def answered(log: Log, trace: Trace, question: Question, advised: Advised, caller: str, took: float) -> None:
    """The decision log's line, written before the answer is given. `took` is in seconds."""
    answer = advised.answer
    if answer is None:
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
    decision = answer.decision
    asked = advised.asked
    log.write(
        "answer",
        "NOTICE" if asked is None or asked.failure is None else "WARNING",
        trace,
        operation=answer.operation,
        operation_id=answer.operation_id,
        attempt=answer.attempt,
        client=question.client,
        at=question.at,
        caller=caller,
        advice=decision.advice,
        reasons=decision.reasons,
        decided_by=decision.decided_by,
        versions=decision.versions,
        recorded=advised.recorded,
        took_ms=round(took * 1000, 3),
    )
    if asked is not None and asked.error is not None:
        name = question.operation.risk_function
        log.failed("risk_function_failed", trace, asked.error, operation_id=answer.operation_id, risk_function=name)
    if advised.record_failure is not None:
        lost = len(asked.decision.commands) if asked is not None else 0
        operation_id = answer.operation_id
        log.failed("answer_not_recorded", trace, advised.record_failure, operation_id=operation_id, commands_lost=lost)
