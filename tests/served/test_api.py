"""The synchronous API, served by real processes: what good and bad input gets."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.catalogue.document_kind import OPERATION, RULES
from shared import schema_files
from shared.catalogue.catalogue import Catalogue
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.json_schema import JsonSchema
from shared.risk.operation import self_contained
from tests.served.conftest import DEADLINE_MS, Client, Reply
from tests.support.builders.advice import NOW, body
from tests.support.deadlines import plenty
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPPORT = "support@slacker.local"
APP = "app-backend@slacker.local"
ANSWER = JsonSchema(schema_files.load("json/advice/answer.v1.json"))
PROBLEM = JsonSchema(schema_files.load("json/problem.v1.json"))
EXAMPLE = Path(__file__).parents[2] / "examples/payee_change"


async def test_a_question_is_answered_by_the_risk_function_and_on_record(client: Client) -> None:
    reply = await client.ask(body(operation_id="served-1"))
    ANSWER.validate(reply.json)
    assert (reply.status, reply.json["decided_by"], reply.json["recorded"]) == (200, "risk_function", True)
    record = await client.call("GET", "/v1/operations/transaction/advice/served-1")
    assert record.body == reply.body


async def test_asking_again_gives_the_same_bytes_and_another_body_a_409(client: Client) -> None:
    first = await client.ask(body(operation_id="served-2"))
    again = await client.ask(body(operation_id="served-2"))
    other = await client.ask(body(operation_id="served-2", posting__details="rent"))
    assert (again.body, other.status) == (first.body, 409)


async def test_a_caller_may_lower_the_deadline_and_is_answered_by_then(client: Client) -> None:
    reply = await client.ask(body(operation_id="served-3"), x_deadline_ms="12")
    assert (reply.status, reply.json["reasons"], reply.json["decided_by"]) == (200, ["RISK_FUNCTION_LATE"], "declared")


@pytest.mark.parametrize(
    ("sent", "other", "status", "field"),
    [
        (b"{", {}, 400, ""),
        (b"\xff\xfe", {}, 400, ""),
        (b"[1]", {}, 400, ""),
        (b"", {}, 400, ""),
        ({}, {}, 422, "/operation_id"),
        (body(posting__amount={"minor": "12", "currency": "EUR"}), {}, 422, "/posting/amount/minor"),
        (body(posting__amount={"minor": 12, "currency": "euro"}), {}, 422, "/posting/amount/currency"),
        (body(context__channel="pigeon"), {}, 422, "/context/channel"),
        ({**body(), "surprise": 1}, {}, 422, ""),
        (body(operation_id="../secrets"), {}, 422, "/operation_id"),
        (body(), {"x_deadline_ms": "soon"}, 422, "x-deadline-ms"),
        (body(), {"x_deadline_ms": "0"}, 422, "x-deadline-ms"),
        (body(), {"operation": "nothing_like_this"}, 404, None),
        (body(), {"operation": "..%2F..%2Fetc"}, 404, None),
        (body(posting__details="x" * 70_000), {}, 413, None),
        (body(), {"email": None}, 401, None),
        (body(), {"email": "stranger@slacker.local"}, 403, None),
    ],
)
async def test_bad_input_gets_its_status_and_names_the_field(
    client: Client, sent: Any, other: dict[str, Any], status: int, field: str | None
) -> None:
    reply = await client.ask(sent, **other)
    assert reply.status == status
    if status != 401:  # that is the front's own answer: such a request never reaches a function
        PROBLEM.validate(reply.json)
    if field is not None:
        assert field in [problem["field"] for problem in reply.json["problems"]]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/operations/transaction/advice", 405),
        ("DELETE", "/v1/operations/transaction/advice/served-1", 405),
        ("PUT", "/v1/openapi.json", 405),
        ("GET", "/v1/operations/transaction/advice/never-asked", 404),
        ("GET", "/v1/operations/transaction/advice/served-1?attempt=ten", 422),
        ("GET", "/", 404),
        ("GET", "/v2/operations", 404),
    ],
)
async def test_what_is_not_offered_says_so(client: Client, method: str, path: str, status: int) -> None:
    reply = await client.call(method, path)
    PROBLEM.validate(reply.json)
    assert reply.status == status


async def test_a_record_is_for_its_readers(client: Client) -> None:
    await client.ask(body(operation_id="served-5"))
    path = "/v1/operations/transaction/advice/served-5"
    statuses = [(await client.call("GET", path, email=email)).status for email in (SUPPORT, "stranger@slacker.local")]
    assert statuses == [200, 403]


@pytest.mark.parametrize(
    ("outcome", "advice"),
    [("approve", "APPROVE"), ("reject", "REJECT"), ("stepup", "STEPUP_NEEDED"), ("manual", "MANUAL_APPROVAL_NEEDED")],
)
async def test_a_sandbox_id_forces_its_answer(client: Client, outcome: str, advice: str) -> None:
    reply = await client.ask(body(operation_id=f"sandbox.{outcome}.1"))
    ANSWER.validate(reply.json)
    assert (reply.json["advice"], reply.json["decided_by"], reply.json["recorded"]) == (advice, "sandbox", False)


async def test_a_sandbox_id_forces_an_error(client: Client) -> None:
    assert (await client.ask(body(operation_id="sandbox.error.1"))).status == 503


async def test_the_bytes_of_an_answer_do_not_depend_on_how_the_question_is_spelled(client: Client) -> None:
    first = await client.ask(body(operation_id="served-4"))
    spelled = json.dumps(dict(reversed(body(operation_id="served-4", attempt=1).items())), indent=4).encode()
    assert (await client.ask(spelled)).body == first.body


async def test_an_operation_published_while_everything_runs_is_answered(client: Client) -> None:
    documents = SqliteDocuments(client.stack.state.directory / "documents.sqlite")
    try:
        for kind, name in ((OPERATION, "operation"), (RULES, "rule_set")):
            content = kind.read(EXAMPLE / f"{name}.yaml").content
            published = {**self_contained(content), "deadline_ms": DEADLINE_MS} if kind is OPERATION else content
            catalogue = Catalogue(documents, kind.collection)
            await catalogue.propose("payee_change", published, by="ana", now=NOW, note="", deadline=plenty())
            await catalogue.approve("payee_change", 1, by="ben", now=NOW, deadline=plenty())
    finally:
        await documents.close()
    question = {
        "operation_id": "change-1",
        "change": {"kind": "remove", "payee": {"account": "CZ6508000000192000145399"}},
        "context": {"client_id": "C-1", "channel": "mobile_app", "occurred_at": "2026-11-22T09:30:00Z"},
    }

    # A name that was looked for in vain just now is looked for again within 10 s, in a process that tells nobody.
    async def ask_again() -> Reply | None:
        reply = await client.ask(question, "payee_change", email=APP)
        return None if reply.status == 404 else reply

    reply = await eventually(ask_again)
    assert reply is not None
    assert (reply.json["advice"], reply.json["reasons"]) == ("APPROVE", ["REMOVAL"])
    assert reply.json["versions"] == {"operation": "payee_change@1", "rule_set": "payee_change@1"}
    wrong = await client.ask(body(), operation="payee_change", email=APP)
    assert (wrong.status, wrong.json["problems"][0]["field"]) == (422, "/change")


async def test_one_trace_runs_from_the_banks_request_through_every_log_line(client: Client) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    await client.ask(body(operation_id="traced-1"), traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    kinds = {
        (line["function"], line["kind"])
        for function in ("advice", "risk_decision")
        for line in client.log_lines(function)
        if trace in line.get("logging.googleapis.com/trace", "")
    }
    assert {("advice", "answer"), ("risk_decision", "decision")} <= kinds
