"""A request: its plain values, and its body under a limit."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from shared.embedded.manual_clock import ManualClock
from shared.errors import DeadlineExceeded, Malformed, TooLarge
from shared.http.request import from_starlette


def request(*chunks: bytes, length: str | None = None, hang_up: bool = False) -> Request:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.disconnect"} if hang_up else {"type": "http.request", "body": b""})

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    headers = [(b"content-length", length.encode())] if length is not None else []
    return Request(
        {"type": "http", "method": "POST", "path": "/", "query_string": b"a=1&b=&a=2", "headers": headers}, receive
    )


async def test_chunks_are_joined() -> None:
    assert await from_starlette(request(b"ab", b"", b"c")).body(3) == b"abc"


async def test_a_body_over_the_limit_is_refused_while_it_comes() -> None:
    with pytest.raises(TooLarge, match="3 bytes"):
        await from_starlette(request(b"ab", b"cd", b"never read")).body(3)


async def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        await from_starlette(request(length="4")).body(3)


async def test_a_length_that_lies_does_not_lift_the_limit() -> None:
    with pytest.raises(TooLarge):
        await from_starlette(request(b"abcd", length="1")).body(3)


async def test_a_sender_that_hangs_up_sent_no_body() -> None:
    with pytest.raises(Malformed, match="hung up"):
        await from_starlette(request(b"ab", hang_up=True)).body(3)


def test_the_last_of_each_parameter_of_the_query_counts() -> None:
    assert from_starlette(request()).query() == {"a": "2", "b": ""}


async def test_a_sender_that_takes_its_time_is_not_waited_for() -> None:
    clock = ManualClock()

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    slow = Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}, receive)
    body = asyncio.ensure_future(from_starlette(slow, clock).body(3))
    await clock.advance(1.9)
    assert not body.done()
    await clock.advance(0.2)
    with pytest.raises(DeadlineExceeded):
        await body


async def test_a_calls_deadlines_begin_with_its_arrival() -> None:
    clock = ManualClock()
    call = from_starlette(request(), clock)
    await clock.advance(3)
    assert (call.elapsed(), call.deadline(5).remaining()) == (3, 2)


def test_a_header_sent_twice_is_read_as_both_joined() -> None:
    headers = [(b"authorization", b"Bearer a"), (b"x-other", b"1"), (b"authorization", b"Bearer b")]
    call = from_starlette(
        Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers})
    )
    assert call.headers == {"authorization": "Bearer a, Bearer b", "x-other": "1"}
