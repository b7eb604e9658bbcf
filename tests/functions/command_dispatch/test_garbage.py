"""Whatever JSON a downstream answers, it is understood, or refused as an error of ours that quotes none of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.command_dispatch.jira import Jira
from functions.command_dispatch.tickets import Kind, Ticket
from functions.command_dispatch.transaction_service import TransactionService
from functions.command_dispatch.transactions import Resolution, Status, Transaction
from shared.deadline import Deadline
from shared.errors import SlackerError
from shared.http.service_client import Answer, ServiceClient
from tests.support.deadlines import plenty

TICKET = Ticket(command_id="c-1", kind=Kind("FRAUD", "Task"), summary="Look")
HELD = Transaction("op-1", Status.HELD, 1)
APPROVAL = Resolution("approve", "r", "ana@bank.example", "FALSE_ALARM")

NAMES = st.sampled_from(["key", "issues", "errors", "transaction_id", "status", "version", "properties", "x"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["op-1", "held", "FRAUD-1"]) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
ANSWERS = st.builds(Answer, st.sampled_from([200, 201, 204, 400, 404, 409, 422]), st.dictionaries(NAMES, VALUES))


class Answering(ServiceClient):
    """Gives one answer to everything."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    async def request(self, method: str, path: str, deadline: Deadline, **options: Any) -> Answer:
        return self.answer


CALLS: Mapping[str, Callable[[ServiceClient], Awaitable[Any]]] = {
    "create": lambda to: Jira(to).create(TICKET, plenty()),
    "made_for": lambda to: Jira(to).made_for("c-1", plenty()),
    "read": lambda to: TransactionService(to).read("op-1", plenty()),
    "resolve": lambda to: TransactionService(to).resolve(HELD, APPROVAL, "c-1", "", plenty()),
}


@pytest.mark.parametrize("name", sorted(CALLS))
@given(answer=ANSWERS)
def test_nothing_but_errors_of_ours_comes_of_it(name: str, answer: Answer) -> None:
    async def call() -> None:
        with suppress(SlackerError):
            await CALLS[name](Answering(answer))

    asyncio.run(call())
