"""The entry point of `notification_preferences`, where clients choose what they are told, put together."""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.backend import Backend, backend
from shared.http.entry import Entry
from shared.logs import Log
from shared.token_key import TokenKey

from .client_identity import GatewayClients
from .service import Service
from .store import Store


def build(environ: Mapping[str, str]) -> Service:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    return compose(backend(environ))


def compose(behind: Backend) -> Service:
    """The service over `behind`."""
    return Service(
        clients=GatewayClients(behind.callers, behind.settings.callers),
        store=Store(behind.documents),
        log=Log("notification_preferences", project=behind.settings.project, clock=behind.clock),
        token_key=TokenKey(behind.tokens, behind.clock),
        clock=behind.clock,
    )


_entry = Entry("notification_preferences", build)


@functions_framework.aio.http
async def notification_preferences(request: Request) -> Response:
    """Answers the bank's gateway for its clients: see `schemas/openapi/notification_preferences.v1.json`."""
    return await _entry(request)
