"""The entry point of `notification_preferences`, where clients choose what they are told, put together."""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.http.api import Api
from shared.http.openapi import description
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache

from .choices import ChoiceHandlers
from .client_identity import GatewayClients
from .devices import DeviceHandlers
from .service import DOCUMENT, MAX_BODY, WITHIN, Service
from .store import Store


def build(environ: Mapping[str, str]) -> Service:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    ports = open_ports(environ)
    return compose(ports, Log("notification_preferences", project=ports.settings.project, clock=ports.clock))


def compose(ports: Ports, log: Log) -> Service:
    """The service over `ports`."""
    store = Store(ports.documents)
    handlers = [ChoiceHandlers(store, log).handlers(), DeviceHandlers(store, log).handlers()]
    access = GatewayClients(ports.callers, ports.settings.callers)
    api = Api(description(DOCUMENT), handlers, access, max_body=MAX_BODY, within=WITHIN)
    return Service(api, log, TokenKeyCache(ports.tokens, ports.clock))


_entry = EntryPoint("notification_preferences", build)


@functions_framework.aio.http
async def notification_preferences(request: Request) -> Response:
    """Answers the bank's gateway for its clients: see `schemas/openapi/notification_preferences.v1.json`."""
    return await _entry(request)
