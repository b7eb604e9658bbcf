"""Builds the values these tests are about."""

import copy
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.catalogue.yaml_files import content
from shared.deadline import Deadline
from shared.privacy import Pseudonymiser
from shared.risk.operation import Operation, parse_operation
from shared.risk.question import Question, parse_question
from shared.trace import Trace

OPERATIONS = Path(__file__).parents[3] / "functions/advice/operations"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TOKENS = Pseudonymiser(b"k" * 32, 1)
TRACE = Trace("0" * 31 + "1", "0" * 15 + "2")

BODY: dict[str, Any] = {
    "operation_id": "op-1",
    "posting": {
        "phase": "authorisation",
        "direction": "debit",
        "account_id": "A-1",
        "amount": {"minor": 1250, "currency": "EUR"},
        "value_time": "2026-11-22T09:30:00Z",
    },
    "context": {
        "client_id": "C-1",
        "card_id": "K-1",
        "channel": "ecommerce",
        "merchant": {"id": "M-1", "category": "5411"},
        "occurred_at": "2026-11-22T09:30:00Z",
    },
}


def body(**changes: Any) -> dict[str, Any]:
    """A valid body, with members replaced: `body(posting__phase="transfer")`; `None` removes one."""
    changed = copy.deepcopy(BODY)
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = changed
        for parent in parents:
            target = target[parent]
        if value is None:
            del target[last]
        else:
            target[last] = value
    return changed


def operation(**changes: Any) -> Operation:
    """The shipped operation `transaction`, with members of its document replaced."""
    return parse_operation({**content(OPERATIONS / "transaction.yaml"), **changes})


def question(asked_of: Operation | None = None, **changes: Any) -> Question:
    """A question with the body of `body(**changes)`."""
    return parse_question(asked_of or operation(), "transaction@1", body(**changes), NOW, replay=False)


def decision(advice: str = "APPROVE", **changes: Any) -> bytes:
    """What a risk function sends back."""
    return json.dumps({"advice": advice, "reasons": [], "versions": {"rule_set": "transaction@1"}, **changes}).encode()


async def tokens() -> Pseudonymiser | None:
    """The maker of tokens, as an instance that has read its key gives it."""
    return TOKENS


async def no_tokens() -> Pseudonymiser | None:
    """What an instance gives that could not read its key."""
    return None


class FakeHop:
    """Plays the way to a risk function: `answer` gives the body, raises, or takes its time."""

    def __init__(self, answer: bytes | BaseException | Callable[[], Awaitable[bytes]] = b"") -> None:
        self.answer = answer or decision()
        self.requests: list[tuple[str, dict[str, Any], dict[str, str]]] = []

    async def post(self, url: str, body: bytes, headers: dict[str, str], deadline: Deadline) -> bytes:
        """See `functions.advice.risk_functions.HttpPost`."""
        self.requests.append((url, json.loads(body), headers))
        if isinstance(self.answer, BaseException):
            raise self.answer
        if isinstance(self.answer, bytes):
            return self.answer
        return await self.answer()
