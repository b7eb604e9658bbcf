"""The floor of every served function: answers at once, whatever is asked."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

_ANSWER = b'{"advice":"APPROVE","reasons":["RULES_PASSED"],"versions":{"rule_set":"transaction@1"},"commands":[]}'


@functions_framework.aio.http
async def answering(_: Request) -> Response:
    """Answer without looking at the request."""
    return Response(_ANSWER, media_type="application/json")
