"""What bank services get while things are down, by real processes: an answer in time, and recovery by itself."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from local.stack.messaging import BrokerMessaging
from local.stack.stack import Settings, Stack
from shared.risk.answers import load, record_key
from tests.served.conftest import Client, serve
from tests.support.builders.advice import body
from tests.support.deadlines import plenty

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def faulty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """The stack with a risk function that does what operation ids say."""
    sources = {"risk_decision": Path(__file__).parent / "faulty/main.py"}
    async for running in serve(Settings(state=tmp_path_factory.mktemp("state"), sources=sources)):
        yield running


@pytest.mark.parametrize(
    ("kind", "phase", "reason"),
    [
        ("hang", "authorisation", "RISK_FUNCTION_LATE"),
        ("broken", "authorisation", "RISK_FUNCTION_UNAVAILABLE"),
        ("garbage", "authorisation", "RISK_FUNCTION_INVALID"),
        ("unfit", "authorisation", "RISK_FUNCTION_INVALID"),
        ("list", "authorisation", "RISK_FUNCTION_INVALID"),
        ("unknown", "authorisation", "RISK_FUNCTION_INVALID"),
        ("illegal", "settlement", "RISK_FUNCTION_INVALID"),
        ("huge", "authorisation", "RISK_FUNCTION_UNAVAILABLE"),
    ],
)
async def test_a_risk_function_that_fails_gets_the_declared_answer_on_record(
    faulty: Client, kind: str, phase: str, reason: str
) -> None:
    await faulty.works(f"before-{kind}")
    question = body(operation_id=f"{kind}-1", posting__phase=phase, posting__authorisation_id="good-0")
    reply = await faulty.ask(question)
    declared = "APPROVE" if phase == "settlement" else "STEPUP_NEEDED"
    assert (reply.json["advice"], reply.json["reasons"], reply.json["recorded"]) == (declared, [reason], True)


async def test_a_slow_risk_function_is_waited_for(faulty: Client) -> None:
    await faulty.works("before-slow")
    reply = await faulty.ask(body(operation_id="slow-1"))
    assert reply.json["decided_by"] == "risk_function"


async def test_one_that_keeps_failing_is_left_alone_and_asked_again_later(faulty: Client) -> None:
    await faulty.works("before-storm")
    storm = [await faulty.ask(body(operation_id=f"hang-storm-{number}"), x_deadline_ms="1500") for number in range(6)]
    assert [reply.json["reasons"] for reply in storm] == [["RISK_FUNCTION_LATE"]] * 5 + [["RISK_FUNCTION_LEFT_ALONE"]]
    await faulty.works("after-storm")


async def test_a_risk_function_that_is_killed_costs_declared_answers_until_it_is_back(faulty: Client) -> None:
    await faulty.works("before-kill")
    await faulty.stack.processes["risk_decision"].kill()
    reply = await faulty.ask(body(operation_id="good-killed"), x_deadline_ms="100")  # in which nothing starts
    assert (reply.status, reply.json["decided_by"]) == (200, "declared")
    await faulty.works("after-kill")


@contextmanager
def locked(stack: Stack) -> Iterator[None]:
    """Nobody can write to the store meanwhile."""
    locker = sqlite3.connect(stack.state.directory / "documents.sqlite", isolation_level=None)
    try:
        locker.execute("BEGIN IMMEDIATE")
        yield
        locker.execute("ROLLBACK")
    finally:
        locker.close()


async def published(stack: Stack) -> int:
    """How many reviews were asked for, as nobody takes them here."""
    assert isinstance(stack.messaging, BrokerMessaging)
    status = await stack.messaging.status()
    return sum(
        subscription.backlog for subscription in status.subscriptions if subscription.topic == "commands-open-review"
    )


async def test_a_store_that_is_locked_costs_the_record_not_the_answer(faulty: Client) -> None:
    await faulty.works("before-lock")
    before = await published(faulty.stack)
    with locked(faulty.stack):
        plain = await faulty.ask(body(operation_id="good-locked"))
        review = await faulty.ask(body(operation_id="review-locked"))
    assert (plain.json["advice"], plain.json["recorded"]) == ("APPROVE", False)
    assert (review.json["advice"], review.json["recorded"]) == ("MANUAL_APPROVAL_NEEDED", False)
    assert await published(faulty.stack) - before >= 1
    again = await faulty.ask(body(operation_id="good-locked"))
    assert (again.json["recorded"], again.json["advice"]) == (True, "APPROVE")


async def test_without_store_and_broker_a_manual_approval_is_not_given(faulty: Client) -> None:
    await faulty.works("before-both")
    broker = faulty.stack.processes["broker"]
    await broker.stop()
    try:
        with locked(faulty.stack):
            review = await faulty.ask(body(operation_id="review-both"))
    finally:
        await broker.start()
    assert (review.json["advice"], review.json["reasons"]) == ("STEPUP_NEEDED", ["ANSWER_NOT_RECORDED"])
    assert review.json["recorded"] is False


async def test_without_the_broker_a_manual_approval_is_given_and_its_review_waits(faulty: Client) -> None:
    await faulty.works("before-broker")
    broker = faulty.stack.processes["broker"]
    await broker.stop()
    try:
        review = await faulty.ask(body(operation_id="review-unsent"))
    finally:
        await broker.start()
    assert (review.json["advice"], review.json["recorded"]) == ("MANUAL_APPROVAL_NEEDED", True)
    store = faulty.stack.backend()
    [record] = await load(store.documents, [record_key("transaction", "review-unsent", 1)], plenty())
    await store.close()
    assert record is not None
    assert len(record.pending) == 1


async def test_a_question_asked_many_times_at_once_has_one_answer(faulty: Client) -> None:
    await faulty.works("before-crowd")
    replies = await asyncio.gather(*(faulty.ask(body(operation_id="slow-crowd")) for _ in range(20)))
    assert len({reply.body for reply in replies}) == 1
