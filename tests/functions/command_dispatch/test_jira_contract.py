"""What is said to Jira, and what its stand-in answers, held against Jira's own OpenAPI description if that is there."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from aiohttp import web

from functions.command_dispatch.jira import PROPERTY, Jira
from functions.command_dispatch.jira_document import document
from functions.command_dispatch.tickets import Kind, Ticket
from local.stand_ins import jira as stand_in_jira
from local.stand_ins.faults import Switches
from local.stand_ins.json_store import JsonStore
from local.stand_ins.service import Reply, Request
from shared.embedded.manual_clock import ManualClock
from shared.errors import Invalid
from tests.functions.command_dispatch.handlers.standing import NOW, standing
from tests.shared.http.test_service_client import calling
from tests.support.deadlines import plenty

SPECIFICATION = Path(__file__).resolve().parents[3].parent / "shared" / "specs" / "jira-openapi.json"
CREATE, SEARCH = "/rest/api/3/issue", "/rest/api/3/search/jql"

pytestmark = pytest.mark.skipif(not SPECIFICATION.exists(), reason="Jira's OpenAPI description is not there")

TICKET = Ticket(
    command_id="c-1",
    kind=Kind("FRAUD", "Task", ("fraud",), {"low": "Low", "normal": "Medium", "high": "High"}),
    summary="Look into it",
    client="t1_0123",
    review="transaction.op-1.1",
    link="https://console.bank.example/reviews/transaction.op-1.1",
    reasons=("NEW_PAYEE",),
    details=(("Amount", "12.00 EUR"),),
)


@cache
def specification() -> Any:
    return json.loads(SPECIFICATION.read_text("utf-8"))


def operation(path: str) -> Any:
    return specification()["paths"][path]["post"]


def check(schema: Mapping[str, Any], value: Any) -> None:
    """Raise unless `value` is what a schema of the description says."""
    whole = {**schema, "components": specification()["components"]}
    jsonschema_rs.Draft7Validator(whole, validate_formats=False).validate(value)


def request_schema(path: str) -> Any:
    return operation(path)["requestBody"]["content"]["application/json"]["schema"]


def response(path: str, status: int) -> Any:
    return operation(path)["responses"][str(status)]["content"]["application/json"]


class Watched(stand_in_jira.Jira):
    """The stand-in, every request and reply of which is kept."""

    def __init__(self) -> None:
        super().__init__(JsonStore())
        self.seen: list[tuple[str, Any, Reply]] = []

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:
        reply = super().handle(request, switches, now)
        self.seen.append((request.path, request.json(), reply))
        return reply


async def conversation() -> list[tuple[str, Any, Reply]]:
    """A ticket made, one refused, and a search that finds one."""
    service = Watched()
    async with standing(service, ManualClock(NOW)) as (_, downstream):
        jira = Jira(downstream)
        await jira.create(TICKET, plenty())
        with pytest.raises(Invalid):
            await jira.create(Ticket(command_id="c-2", kind=Kind("NONE", "Task"), summary="x"), plenty())
        assert await jira.made_for("c-1", plenty()) == ["FRAUD-1"]
    return service.seen


def test_what_is_called_exists_and_is_not_on_its_way_out() -> None:
    assert [operation(path)["deprecated"] for path in (CREATE, SEARCH)] == [False, False]


async def test_requests_are_what_jira_says_it_takes() -> None:
    seen = await conversation()
    assert [path for path, _, __ in seen] == [CREATE, CREATE, SEARCH]
    for path, body, _ in seen:
        check(request_schema(path), body)


async def test_the_stand_in_answers_what_jira_says_it_does() -> None:
    seen = await conversation()
    assert [reply.status for _, __, reply in seen] == [201, 400, 200]
    for path, _, reply in seen:
        check(response(path, reply.status)["schema"], reply.body)


def test_a_description_that_is_broken_would_be_noticed() -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        check(request_schema(SEARCH), {"jql": "labels = x", "startAt": 0})  # of the search that was removed


async def test_the_example_of_a_created_issue_is_understood() -> None:
    example = json.loads(response(CREATE, 201)["example"])  # published as a text

    async def handler(request: web.Request) -> web.Response:
        return web.json_response(example, status=201)

    async with calling(handler) as (downstream, _):
        assert await Jira(downstream).create(TICKET, plenty()) == example["key"]


async def test_an_issue_found_is_understood_whatever_else_is_told_of_it() -> None:
    example = json.loads(response(SEARCH, 200)["example"])
    example["issues"][0] |= {"key": "ED-1", "properties": {PROPERTY: {"id": "c-1"}}}
    check(response(SEARCH, 200)["schema"], example)

    async def handler(request: web.Request) -> web.Response:
        return web.json_response(example)

    async with calling(handler) as (downstream, _):
        assert "ED-1" in await Jira(downstream).made_for("c-1", plenty())


def test_the_description_is_made_of_nodes_of_atlassian_s_document_format() -> None:
    kinds: set[str] = set()

    def walk(node: Mapping[str, Any]) -> None:
        kinds.add(node["type"])
        kinds.update(mark["type"] for mark in node.get("marks", ()))
        for child in node.get("content", ()):
            walk(child)

    walk(document(TICKET))
    assert kinds == {"doc", "paragraph", "text", "bulletList", "listItem", "link", "strong"}
