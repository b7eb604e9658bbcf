"""The entry point of `operator_api`, the door for people who look after Slacker, and where it is put together."""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.audit.log import AuditLog
from shared.backend import Backend, backend
from shared.commands.publishing import Commands
from shared.http.entry import Entry
from shared.logs import Log
from shared.token_key import TokenKey

from .audit import AuditRoutes
from .contract import contract
from .dead_letters import DeadLetterRoutes
from .notification_history import MessageRoutes
from .reviews import ReviewRoutes
from .roles import SETTING, Operators, operators
from .route import Route
from .service import Service
from .switches import SwitchRoutes


def build(environ: Mapping[str, str]) -> Service:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    return compose(backend(environ), operators(environ.get(SETTING, "")))


def compose(behind: Backend, who: Operators) -> Service:
    """The service over `behind`, for the operators `who`."""
    log = Log("operator_api", project=behind.settings.project, clock=behind.clock)
    audit = AuditLog(behind.documents, log)
    return Service(
        callers=behind.callers,
        operators=who,
        routes=[(route, contract(route.method, route.path)) for route in routes(behind, audit, log)],
        audit=audit,
        log=log,
        token_key=TokenKey(behind.tokens, behind.clock),
        clock=behind.clock,
    )


def routes(behind: Backend, audit: AuditLog, log: Log) -> tuple[Route, ...]:
    """Everything that operators can ask for."""
    return (
        *ReviewRoutes(behind.documents, audit, Commands(behind.publisher), log).routes(),
        *SwitchRoutes(behind.documents, audit).routes(),
        *DeadLetterRoutes(behind.documents, audit).routes(),
        *MessageRoutes(behind.documents, audit).routes(),
        *AuditRoutes(behind.documents).routes(),
    )


_entry = Entry("operator_api", build)


@functions_framework.aio.http
async def operator_api(request: Request) -> Response:
    """Answers operators: see `schemas/openapi/operator.v1.json`."""
    return await _entry(request)
