"""The floor of a cold start: imports what the function under test has imported by its first answer, and answers."""

import importlib
import os
from contextlib import suppress

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

for _module in os.environ["SLACKER_BENCH_IMPORTS"].split(","):
    with suppress(ImportError):  # some packages try a module that is not there, and go on
        importlib.import_module(_module)


@functions_framework.aio.http
async def importing(_: Request) -> Response:
    """Answer without looking at the request."""
    return Response(b"{}", media_type="application/json")
