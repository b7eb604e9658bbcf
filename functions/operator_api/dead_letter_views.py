"""A dead letter as JSON for operators: redacted, but for `raw_body`, which takes a reason."""

from base64 import b64encode
from typing import Any

from shared.dead_letters.letter import Letter
from shared.dead_letters.redaction import redacted
from shared.dead_letters.resolution import (
    NEVER_EDITED,
    command_in,
    command_type,
    other_subscribers,
    takes_two,
)
from shared.dead_letters.store import StoredLetter
from shared.errors import Invalid, Problem, SlackerError


def summary(stored: StoredLetter) -> dict[str, Any]:
    """A letter in a list."""
    letter = stored.letter
    return {
        "letter": stored.id,
        "status": letter.status,
        "type": letter.type,
        "code": letter.code,
        "reason": letter.reason,
        "field": letter.field,
        "subject": letter.subject,
        "operation": letter.operation,
        "client": letter.client,
        "published_at": letter.published_at,
        "attempt": letter.attempt,
        "edited": letter.edited,
        "proposal": letter.proposal and _proposal(letter),
    }


def detail(stored: StoredLetter, body: bytes, original: bytes) -> dict[str, Any]:
    """Everything about one letter; `body` is what would be sent, `original` what came."""
    letter = stored.letter
    kind = command_type(letter)
    return {
        **summary(stored),
        "topic": letter.topic,
        "subscription": letter.subscription,
        "function": letter.function,
        "message": letter.message,
        "drained_at": letter.drained_at,
        "attributes": letter.attributes,
        "size": letter.size,
        "cut": letter.truncated_from,
        "sha256": letter.digest.hex(),
        "follows": letter.redriven_from,
        "content": redacted(body) if kind else None,
        "came_as": redacted(original) if kind and letter.edited else None,
        "problems": problems(letter, body),
        "two_people": takes_two(letter),
        "editable": bool(kind) and kind not in NEVER_EDITED,
        "also_received_by": other_subscribers(letter),
        "settled_by": letter.settled_by,
        "settled_at": letter.settled_at,
        "settled_why": letter.resolution_reason,
    }


def problems(letter: Letter, body: bytes) -> list[dict[str, str]]:
    """What is wrong about the command that would be sent, as its receiver would say now; nothing about an event."""
    if not command_type(letter):
        return []
    try:
        command_in(letter, body)
    except Invalid as error:
        return [_problem(problem) for problem in error.problems]
    except SlackerError as error:
        return [_problem(Problem("", str(error)))]
    return []


def raw_body(stored: StoredLetter, body: bytes) -> dict[str, Any]:
    """The body as it came, in base64."""
    return {"letter": stored.id, "body": b64encode(body).decode(), "attributes": stored.letter.attributes}


def _problem(problem: Problem) -> dict[str, str]:
    return {"field": problem.field, "message": problem.message}


def _proposal(letter: Letter) -> dict[str, Any]:
    proposal = letter.proposal
    return {"action": proposal.action, "by": proposal.by, "at": proposal.at, "why": proposal.reason} if proposal else {}
