"""The commands that come back with a decision: checked as any other, and issued under ids made of the answer's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.commands.command import Command, validated
from shared.commands.types import may_issue, topic_for
from shared.errors import Invalid, Problem, TooLarge
from shared.ids import OperationRef
from shared.messaging.topics import Topic
from shared.risk.answers import ANSWERS
from shared.risk.question import Question
from shared.trace import Trace

ISSUER = ANSWERS.owner
"""Who issues them: only commands of types whose topic lists this publisher are issued."""


def issue(
    returned: Sequence[Mapping[str, Any]], question: Question, trace: Trace, now: datetime
) -> tuple[Command, ...]:
    """The commands that a risk function returned as `type`, `version` and `payload`, issued `now` (aware UTC).

    Raises `Invalid` with pointers into the decision, for a broken one or one that we may not issue.
    """
    commands = []
    for number, document in enumerate(returned):
        try:
            commands.append(_command(number, document, question, trace, now))
        except TooLarge as error:
            raise Invalid(Problem(f"/commands/{number}", str(error))) from None
        except Invalid as error:
            raise Invalid(
                *(Problem(f"/commands/{number}{problem.field}", problem.message) for problem in error.problems)
            ) from None
    return tuple(commands)


def _command(number: int, returned: Mapping[str, Any], question: Question, trace: Trace, now: datetime) -> Command:
    operation = OperationRef(question.operation.name, question.operation_id, question.attempt)
    topic = _issuable_topic(returned["type"])
    command = Command(
        id=f"{operation.key}.{number}",
        type=topic.command,
        version=returned["version"],
        issued_at=now,
        issued_by=ISSUER,
        not_after=now + topic.lifetime,
        payload=returned["payload"],
        operation=operation,
        traceparent=trace.traceparent(),
    )
    return validated(command)


def _issuable_topic(kind: str) -> Topic:
    topic = topic_for(kind)
    if not may_issue(ISSUER, kind):
        raise Invalid(Problem("/type", "a type of command that advice may issue expected"))
    return topic
