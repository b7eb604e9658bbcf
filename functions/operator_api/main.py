"""The entry point of `operator_api`, the door for people who look after Slacker, and where it is put together."""

from collections.abc import Mapping
from functools import cache

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.audit.log import AuditLog
from shared.commands.publisher import TopicCommandPublisher
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.composition.signing import signer, verifier
from shared.http.api import Api, Handler
from shared.http.openapi import description
from shared.risk.reviews.acts import ReviewActs
from shared.risk.reviews.signatures import ReviewSignatures
from shared.risk.reviews.store import Reviews
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache

from .access import WITHIN, OperatorAccess
from .audit import AuditHandlers
from .dead_letters import DeadLetterHandlers
from .notification_history import NotificationHistoryHandlers
from .reviews import ISSUER, ReviewHandlers
from .roles import SETTING, Operators, operators
from .service import DOCUMENT, MAX_BODY, Service
from .switches import SwitchHandlers


def build(environ: Mapping[str, str]) -> Service:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    ports = open_ports(environ)
    log = Log("operator_api", project=ports.settings.project, clock=ports.clock)
    return compose(ports, operators(environ.get(SETTING, "")), log)


def compose(ports: Ports, who: Operators, log: Log) -> Service:
    """The service over `ports`, for the operators `who`."""
    audit = AuditLog(ports.documents, log)
    access = OperatorAccess(ports.callers, who, audit)
    api = Api(
        description(DOCUMENT), handlers(ports, audit, log), access, max_body=MAX_BODY, within=WITHIN,
        recorder=access.record,
    )  # fmt: skip
    return Service(api, access, log, TokenKeyCache(ports.tokens, ports.clock))


def handlers(ports: Ports, audit: AuditLog, log: Log) -> list[dict[str, Handler[str]]]:
    """What answers each operation."""
    return [
        review_handlers(ports, audit, log).handlers(),
        SwitchHandlers(ports.documents, audit).handlers(),
        DeadLetterHandlers(ports.documents, audit).handlers(),
        NotificationHistoryHandlers(ports.documents, audit).handlers(),
        AuditHandlers(ports.documents).handlers(),
    ]


def review_handlers(ports: Ports, audit: AuditLog, log: Log) -> ReviewHandlers:
    """What answers about reviews; keys are looked for when the first judgement is signed."""
    signatures = cache(lambda: ReviewSignatures(signer(ports, ISSUER), verifier(ports)))
    acts = ReviewActs(Reviews(ports.documents), audit, signatures, log, ISSUER)
    return ReviewHandlers(ports.documents, acts, TopicCommandPublisher(ports.publisher), log)


_entry = EntryPoint("operator_api", build)


@functions_framework.aio.http
async def operator_api(request: Request) -> Response:
    """Answers operators: see `schemas/openapi/operator.v1.json`."""
    return await _entry(request)
