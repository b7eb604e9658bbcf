"""Reading a request's body under a limit: the framework sets none, and a declared length cannot be trusted."""

from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

from shared.errors import Malformed, Problem, TooLarge

_decode = msgspec.json.Decoder().decode


async def read(request: Request, limit: int) -> bytes:
    """The whole body; raises `TooLarge` as soon as it passes `limit` bytes, `Malformed` if the sender hung up."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge(limit)
    body = b""
    try:
        async for chunk in request.stream():
            body = body + chunk if body else chunk
            if len(body) > limit:
                raise TooLarge(limit)
    except ClientDisconnect as error:
        raise Malformed(Problem("", "the sender hung up before the end of the body")) from error
    return body


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; raises `Malformed` where it is not JSON, or JSON but not an object."""
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(Problem("", "the body is not JSON")) from error
    if not isinstance(value, dict):
        raise Malformed(Problem("", "the body is JSON, but not an object"))
    return value
