"""Bodies under a limit."""

from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request

from shared.errors import Malformed, TooLarge
from shared.http import body


def request(*chunks: bytes, length: str | None = None, hang_up: bool = False) -> Request:
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.disconnect"} if hang_up else {"type": "http.request", "body": b""})

    async def receive() -> AsyncIterator[dict[str, object]]:
        return messages.pop(0)  # type: ignore[return-value] # ASGI's own shape

    headers = [(b"content-length", length.encode())] if length is not None else []
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)  # type: ignore[arg-type] # as above


async def test_chunks_are_joined() -> None:
    assert await body.read(request(b"ab", b"", b"c"), 3) == b"abc"


async def test_a_body_over_the_limit_is_refused_while_it_comes() -> None:
    with pytest.raises(TooLarge, match="3 bytes"):
        await body.read(request(b"ab", b"cd", b"never read"), 3)


async def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        await body.read(request(length="4"), 3)


async def test_a_length_that_lies_does_not_lift_the_limit() -> None:
    with pytest.raises(TooLarge):
        await body.read(request(b"abcd", length="1"), 3)


async def test_a_sender_that_hangs_up_sent_no_body() -> None:
    with pytest.raises(Malformed, match="hung up"):
        await body.read(request(b"ab", hang_up=True), 3)


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff", b"[" * 100_000, b'"\\ud800"', b"NaN"])
def test_what_is_not_json_is_malformed(broken: bytes) -> None:
    with pytest.raises(Malformed, match="not JSON"):
        body.json_object(broken)


@pytest.mark.parametrize("other", [b"[]", b"1", b"null", b'"text"'])
def test_json_that_is_no_object_is_malformed(other: bytes) -> None:
    with pytest.raises(Malformed, match="not an object"):
        body.json_object(other)
