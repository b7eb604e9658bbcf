"""The bank's service as it is played: it steps up, asks again, and never takes no answer for an answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from jobs.history.transaction import Transaction
from local.replay import bank_service
from local.replay.bank_service import BankService, Unanswered
from local.stack import probe as probe_module
from local.stack.http_listener import listen
from local.stack.probe import probe
from shared.errors import Unavailable
from shared.money import Money

GENUINE = Transaction("1", datetime(2024, 3, 1, tzinfo=UTC), "anna", "a", Money(1, "EUR"), "card_present", card="c")
FRAUD = Transaction(
    "2", datetime(2024, 3, 1, tzinfo=UTC), "anna", "a", Money(1, "EUR"), "card_present", card="c", fraud=True
)


class Advice:
    """Answers as its script says, attempt by attempt; a number is a status, `None` hangs up."""

    def __init__(self) -> None:
        self.script: list[str | int | None] = []
        self.questions: list[dict[str, Any]] = []

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.questions.append(body)
        what = self.script.pop(0)
        if what is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(what, int):
            return web.Response(status=what)
        return web.json_response(
            {"operation_id": body["operation_id"], "attempt": body.get("attempt", 1), "advice": what,
             "reasons": [], "decided_by": "risk_function", "recorded": True,
             "versions": {"operation": "transaction@1"}}
        )  # fmt: skip


@pytest.fixture
async def advice(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Advice, BankService]]:
    monkeypatch.setattr(bank_service, "_PAUSES", (0.0, 0.0, 0.0))
    played = Advice()
    runner, port = await listen(played.handle, 0, "advice")
    bank = BankService(f"http://127.0.0.1:{port}", lambda: "token", 4)
    yield played, bank
    await bank.close()
    await runner.cleanup()


Played = tuple[Advice, BankService]


@pytest.mark.parametrize(
    ("transaction", "script", "through"),
    [
        (GENUINE, ["APPROVE"], True),
        (GENUINE, ["REJECT"], False),
        (GENUINE, ["STEPUP_NEEDED", "APPROVE"], True),
        (GENUINE, ["STEPUP_NEEDED", "REJECT"], False),
        (GENUINE, ["MANUAL_APPROVAL_NEEDED"], True),
        (FRAUD, ["APPROVE"], True),
        (FRAUD, ["STEPUP_NEEDED"], False),
        (FRAUD, ["MANUAL_APPROVAL_NEEDED"], False),
    ],
)
async def test_it_does_what_it_is_told(
    advice: Played, transaction: Transaction, script: list[str | int | None], through: bool
) -> None:
    played, bank = advice
    played.script = list(script)
    case = await bank.settle(transaction)
    assert ([answered.answer.advice for answered in case.answers], case.went_through) == (script, through)


async def test_the_second_question_names_the_first(advice: Played) -> None:
    played, bank = advice
    played.script = ["STEPUP_NEEDED", "APPROVE"]
    await bank.settle(GENUINE)
    assert [(question.get("attempt"), question.get("previous_attempt")) for question in played.questions] == [
        (None, None),
        (2, 1),
    ]


@pytest.mark.parametrize("broken", [None, 502, 503, 504])
async def test_a_broken_connection_is_asked_again_with_the_same_body(advice: Played, broken: int | None) -> None:
    played, bank = advice
    played.script = [broken, "APPROVE"]
    case = await bank.settle(GENUINE)
    assert [answered.retried for answered in case.answers] == [True]
    assert played.questions[0] == played.questions[1]


@pytest.mark.parametrize(("status", "tries"), [(422, 1), (500, 1), (503, 4)])
async def test_what_is_no_answer_is_told_as_none(advice: Played, status: int, tries: int) -> None:
    played, bank = advice
    played.script = [status] * tries
    case = await bank.settle(GENUINE)
    assert (case.answers, case.unanswered, case.went_through) == ((), Unanswered("1", 1, str(status)), False)
    assert len(played.questions) == tries


async def test_no_more_questions_are_open_at_once_than_agreed(advice: Played) -> None:
    played, _ = advice
    open_now, most = 0, 0
    answer: Callable[[web.BaseRequest], Any] = played.handle
    both = asyncio.Event()

    async def counting(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        if open_now == 4:
            both.set()
        await both.wait()
        open_now -= 1
        result: web.StreamResponse = await answer(request)
        return result

    runner, port = await listen(counting, 0, "advice")
    limited = BankService(f"http://127.0.0.1:{port}", lambda: "token", 4)
    played.script = ["APPROVE"] * 12
    await asyncio.gather(*(limited.settle(GENUINE) for _ in range(12)))
    await limited.close()
    await runner.cleanup()
    assert most == 4


async def test_the_probe_asks_until_a_risk_function_decides(advice: Played) -> None:
    played, bank = advice
    played.script = [500, 422, "APPROVE", "APPROVE"]
    await probe(bank, GENUINE.at)
    assert [question["operation_id"] for question in played.questions] == ["probe-0", "probe-1", "probe-2"]


async def test_a_probe_without_an_end_is_told(advice: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "_WITHIN", 0.0)
    played, bank = advice
    played.script = [422]
    with pytest.raises(Unavailable, match="the last of 1 questions led to 422"):
        await probe(bank, GENUINE.at)
