"""The floor of an event function: takes the body of a push and acknowledges it, whatever is in it."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response


@functions_framework.aio.http
async def pushed(request: Request) -> Response:
    """Acknowledge without looking at the body."""
    await request.body()
    return Response(status_code=204)
