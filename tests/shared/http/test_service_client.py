"""Calling a service of somebody else's, over real sockets: what its failures say about what can have happened."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import (
    Deferred,
    Misconfigured,
    SlackerError,
    Unavailable,
    Uncertain,
)
from shared.http.circuit_breaker import Breaker
from shared.http.service_client import Answer, ServiceClient
from tests.shared.http.test_function_client import raw
from tests.support.giving_up import given_up, unhurried

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def authorised(deadline: Deadline) -> Mapping[str, str]:
    return {"authorization": "Bearer us"}


@asynccontextmanager
async def calling(handler: Handler, **options: Any) -> AsyncIterator[tuple[ServiceClient, list[web.Request]]]:
    """A downstream whose service answers by `handler`, and the requests that reached it."""
    seen: list[web.Request] = []

    async def noted(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", noted)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service = ServiceClient("it", f"http://127.0.0.1:{runner.addresses[0][1]}", authorised, **options)
    try:
        yield service, seen
    finally:
        await service.close()
        await runner.cleanup()


def answering(status: int, body: bytes = b"{}", **headers: str) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=named)

    return handler


async def hanging(request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


async def post(service: ServiceClient, deadline: Deadline | None = None, *, safe: bool = False) -> Answer:
    return await service.request("POST", "/things", deadline or unhurried(), json={"a": 1}, safe=safe)


async def test_what_is_sent_and_what_is_answered_arrive() -> None:
    async def handler(request: web.Request) -> web.Response:
        received = {"sent": await request.json(), "path": request.rel_url.raw_path, "x": request.headers["x-it"]}
        return web.json_response({**received, "who": request.headers["authorization"]}, status=201)

    async with calling(handler) as (service, _):
        answer = await service.request("POST", "/things/a%2Fb", unhurried(), json={"a": 1}, headers={"x-it": "yes"})
    expected = {"sent": {"a": 1}, "path": "/things/a%2Fb", "x": "yes", "who": "Bearer us"}
    assert answer == Answer(201, expected)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
async def test_a_no_is_an_answer_and_needs_no_json(status: int) -> None:
    async with calling(answering(status, b"<html>no")) as (service, seen):
        assert await post(service) == Answer(status, {})
        assert len(seen) == 1


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answering(408), Uncertain),
        (answering(500), Uncertain),
        (answering(502), Uncertain),
        (answering(503), Uncertain),
        (answering(200, b"<html>"), Uncertain),
        (answering(200, b"[1]"), Uncertain),
        (answering(200, b'{"a": "' + b"x" * 2_000_000 + b'"}'), Uncertain),
        (answering(302, Location="/elsewhere"), Misconfigured),
        (answering(401), Misconfigured),
        (answering(403), Misconfigured),
        (answering(429), Deferred),
        (answering(503, Retry_After="7"), Deferred),
    ],
)
async def test_what_may_have_happened_is_told_from_what_has_not_and_is_never_sent_again(
    handler: Handler, error: type[SlackerError]
) -> None:
    async with calling(handler) as (service, seen):
        with pytest.raises(error) as raised:
            await post(service)
        assert type(raised.value) is error
        assert len(seen) == 1


async def test_silence_after_the_request_has_left_is_doubt() -> None:
    async with calling(hanging) as (service, seen):
        with pytest.raises(Uncertain):
            await given_up(lambda deadline: post(service, deadline), lambda: seen)
        assert len(seen) == 1


async def test_a_connection_that_ends_after_the_request_is_doubt_and_is_not_tried_again() -> None:
    connections = 0

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"}")

    async with raw(reply) as url:
        service = ServiceClient("it", url, authorised)
        with pytest.raises(Uncertain):
            await post(service)
        await service.close()
    assert connections == 1


async def test_an_answer_cut_off_in_the_middle_is_doubt() -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a"')
        await writer.drain()

    async with raw(reply) as url:
        service = ServiceClient("it", url, authorised)
        with pytest.raises(Uncertain):
            await post(service)
        await service.close()


async def nobody() -> str:
    """An address at which nobody listens any more."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Never called."""

    async with raw(reply) as url:
        return url


async def test_where_nobody_listens_nothing_has_happened() -> None:
    service = ServiceClient("it", await nobody(), authorised)
    with pytest.raises(Unavailable):
        await post(service)
    await service.close()


async def test_a_proof_that_does_not_come_means_that_nothing_has_happened() -> None:
    async def never(deadline: Deadline) -> Mapping[str, str]:
        await asyncio.Event().wait()
        return {}

    service = ServiceClient("it", await nobody(), never)
    with pytest.raises(Unavailable):
        await given_up(lambda deadline: post(service, deadline))
    await service.close()


async def test_without_time_nothing_is_begun() -> None:
    async with calling(answering(200)) as (service, seen):
        with pytest.raises(Unavailable, match="no time"):
            await post(service, Deadline.after(0.1, ManualClock()))
        assert seen == []


@pytest.mark.parametrize("handler", [answering(500), answering(200, b"<html>")])
async def test_a_safe_call_is_made_three_times_and_never_leaves_doubt(handler: Handler) -> None:
    async with calling(handler) as (service, seen):
        with pytest.raises(Unavailable):
            await post(service, safe=True)
        assert len(seen) == 3


async def test_a_safe_call_that_works_the_second_time_is_an_answer() -> None:
    statuses = iter([502, 200])

    async def handler(request: web.Request) -> web.Response:
        return web.json_response({}, status=next(statuses))

    async with calling(handler) as (service, _):
        assert await post(service, safe=True) == Answer(200, {})


async def test_for_as_long_as_it_says_a_service_is_left_alone() -> None:
    clock = ManualClock(NOW)
    async with calling(answering(429, Retry_After="30"), clock=clock) as (service, seen):
        with pytest.raises(Deferred) as first:
            await post(service)
        await clock.advance(10)
        with pytest.raises(Deferred) as second:
            await post(service)
        await clock.advance(21)
        with pytest.raises(Deferred):
            await post(service)
    assert (first.value.after, second.value.after, len(seen)) == (30, 20, 2)


async def test_an_answer_that_uses_up_the_rate_limit_counts_and_the_next_call_waits() -> None:
    used_up = answering(201, X_RateLimit_Remaining="0", X_RateLimit_Reset="2026-11-22T12:01Z")
    async with calling(used_up, clock=ManualClock(NOW)) as (service, seen):
        assert (await post(service)).status == 201
        with pytest.raises(Deferred) as raised:
            await post(service)
    assert (raised.value.after, len(seen)) == (60, 1)


async def test_a_service_that_keeps_failing_is_left_alone_and_then_probed() -> None:
    clock = ManualClock(NOW)
    statuses = iter([500, 500, 200])

    async def handler(request: web.Request) -> web.Response:
        return web.json_response({}, status=next(statuses))

    breaker = Breaker(threshold=2, cooldown=5)
    async with calling(handler, breaker=breaker, clock=clock) as (service, seen):
        for _ in range(2):
            with pytest.raises(Uncertain):
                await post(service)
        with pytest.raises(Deferred) as raised:
            await post(service)
        assert (raised.value.after, len(seen)) == (5, 2)
        await clock.advance(5)
        assert await post(service) == Answer(200, {})


def test_a_credential_goes_over_tls_or_nowhere() -> None:
    with pytest.raises(Misconfigured, match="https"):
        ServiceClient("it", "http://jira.bank.example", authorised)
