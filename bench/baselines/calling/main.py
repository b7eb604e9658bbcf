"""The floor of a function that asks another: passes the body on by aiohttp, and its answer back."""

import os

import aiohttp
import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

_URL = os.environ["SLACKER_BENCH_NEXT"]
_sessions: list[aiohttp.ClientSession] = []


@functions_framework.aio.http
async def calling(request: Request) -> Response:
    """Pass the request on."""
    if not _sessions:
        _sessions.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=1.5)))
    async with _sessions[0].post(_URL, data=await request.body()) as response:
        return Response(await response.read(), media_type="application/json")
