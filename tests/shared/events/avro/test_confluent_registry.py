"""A schema by Confluent's API, from a real server that works, fails, hangs and talks nonsense."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, Unavailable, UnknownSchema
from shared.events.avro.confluent_registry import ConfluentRegistry
from shared.events.avro.registry import Authorization
from tests.support.giving_up import given_up, unhurried

SCHEMA = {"type": "record", "name": "R", "fields": []}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def registry(handler: Handler, authorization: Authorization | None = None) -> AsyncIterator[ConfluentRegistry]:
    app = web.Application()
    app.router.add_get("/api/schemas/ids/{number}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = ConfluentRegistry(f"http://127.0.0.1:{runner.addresses[0][1]}/api/", authorization)
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


def answering(*answers: web.Response | dict[str, Any]) -> tuple[Handler, list[web.Request]]:
    """A handler that gives these answers in turn, the last one for ever, and the requests it got."""
    requests: list[web.Request] = []

    async def handle(request: web.Request) -> web.Response:
        answer = answers[min(len(requests), len(answers) - 1)]
        requests.append(request)
        if isinstance(answer, web.Response):
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        return web.json_response(answer)

    return handle, requests


async def ask(handler: Handler, deadline: Deadline | None = None) -> Any:
    async with registry(handler) as client:
        return await client.schema(7, deadline or unhurried())


async def test_a_schema_is_told_by_its_number() -> None:
    handle, requests = answering({"schema": json.dumps(SCHEMA)})
    async with registry(handle) as client:
        assert await client.schema(7, unhurried()) == SCHEMA
    assert [request.match_info["number"] for request in requests] == ["7"]
    assert "authorization" not in requests[0].headers


async def test_a_registry_is_shown_the_authorization_that_was_read_once() -> None:
    handle, requests = answering({"schema": json.dumps(SCHEMA)})
    read: list[Deadline] = []

    async def authorization(deadline: Deadline) -> str:
        read.append(deadline)
        return "Basic xyz"

    async with registry(handle, authorization) as client:
        for number in (7, 8):
            await client.schema(number, unhurried())
    assert [request.headers["authorization"] for request in requests] == ["Basic xyz"] * 2
    assert len(read) == 1


async def test_without_the_authorization_nothing_is_asked_and_the_next_question_reads_it_again() -> None:
    handle, requests = answering({"schema": json.dumps(SCHEMA)})
    answers: list[str | Exception] = [Unavailable("no secrets"), "Basic xyz"]

    async def authorization(deadline: Deadline) -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with registry(handle, authorization) as client:
        with pytest.raises(Unavailable):
            await client.schema(7, unhurried())
        assert requests == []
        assert await client.schema(7, unhurried()) == SCHEMA


async def test_a_number_that_is_not_registered_is_asked_for_once() -> None:
    handle, requests = answering(web.json_response({"error_code": 40403}, status=404))
    with pytest.raises(UnknownSchema):
        await ask(handle)
    assert len(requests) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_what_may_pass_is_tried_again(status: int) -> None:
    handle, requests = answering(
        web.Response(status=status), web.Response(status=status), {"schema": json.dumps(SCHEMA)}
    )
    assert await ask(handle) == SCHEMA
    assert len(requests) == 3


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=503),
        web.Response(status=302, headers={"location": "http://127.0.0.1:9/"}),
        web.Response(status=401),
        web.Response(body=b"<html>"),
        web.Response(body=b"[]"),
        web.Response(body=b"\xff\xfe"),
        web.Response(body=b'{"schema": 7}'),
        web.Response(body=b'{"schema": "' + b"x" * 1_000_001 + b'"}'),
        web.Response(body=b'{"a":' * 100_000),
    ],
)
async def test_nonsense_is_as_if_the_registry_were_down_and_is_tried_three_times(answer: web.Response) -> None:
    handle, requests = answering(answer)
    with pytest.raises(Unavailable):
        await ask(handle)
    assert len(requests) == 3


@pytest.mark.parametrize(
    "answer",
    [
        {"schema": "syntax = 'proto3';", "schemaType": "PROTOBUF"},
        {"schema": "{", "schemaType": "AVRO"},
        {"schema": json.dumps(SCHEMA), "references": [{"name": "x", "subject": "x", "version": 1}]},
    ],
)
async def test_a_schema_that_is_not_avro_and_whole_is_one_for_ever(answer: dict[str, Any]) -> None:
    handle, requests = answering(answer)
    with pytest.raises(Invalid):
        await ask(handle)
    assert len(requests) == 1


async def test_a_registry_that_hangs_costs_no_more_than_the_deadline() -> None:
    called, release = asyncio.Event(), asyncio.Event()

    async def hang(request: web.Request) -> web.Response:
        called.set()
        await release.wait()
        return web.Response()

    with pytest.raises(DeadlineExceeded):
        await given_up(lambda deadline: ask(hang, deadline), called.is_set, seconds=0.5)
    release.set()


async def test_a_registry_that_is_not_there_is_unavailable() -> None:
    gone = ConfluentRegistry("http://127.0.0.1:9")
    try:
        with pytest.raises(Unavailable):
            await gone.schema(7, unhurried())
    finally:
        await gone.close()
