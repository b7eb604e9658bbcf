"""The entry point of `advice`, Slacker's synchronous API, and where it is put together."""

from collections.abc import Mapping
from pathlib import Path

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.catalogue.active_versions import ActiveVersions
from shared.catalogue.bundled import bundled
from shared.catalogue.versions import OPERATIONS
from shared.commands.publisher import TopicCommandPublisher
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.errors import Misconfigured
from shared.http.allowed_hosts import NONE, AllowedHosts, allowed_hosts
from shared.http.function_client import FunctionClient
from shared.risk.answers import issuable, outbox
from shared.risk.operation import parse_operation
from shared.runtime.log import Log
from shared.runtime.settings import Environment
from shared.runtime.token_key import TokenKeyCache

from .advise import Adviser
from .answer_store import AnswerStore
from .risk_functions import RiskFunctions
from .service import Service

_HOSTS = "SLACKER_RISK_FUNCTION_HOSTS"


def build(environ: Mapping[str, str]) -> Service:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    addresses = _addresses(environ.get("SLACKER_RISK_FUNCTIONS", ""))
    hosts = allowed_hosts(environ.get(_HOSTS, ""), _HOSTS)
    return compose(open_ports(environ), addresses, hosts)


def compose(ports: Ports, addresses: Mapping[str, str], hosts: AllowedHosts = NONE) -> Service:
    """The service over `ports`, with the risk functions' addresses by name and the hosts operations may name."""
    asking = RiskFunctions(FunctionClient(ports.identity), addresses, ports.clock, hosts)
    unsent = outbox(ports.documents, lambda: TopicCommandPublisher(ports.publisher), issuable)
    token_key = TokenKeyCache(ports.tokens, ports.clock)
    return Service(
        callers=ports.callers,
        documents=ports.documents,
        operations=ActiveVersions(OPERATIONS, parse_operation, bundled(Path(__file__).parent / "operations")),
        adviser=Adviser(AnswerStore(ports.documents, token_key.tokens), unsent, asking, ports.clock),
        log=Log("advice", project=ports.settings.project, clock=ports.clock),
        token_key=token_key,
        clock=ports.clock,
        sandbox=ports.settings.environment is not Environment.PRODUCTION,
        replay=ports.settings.replay,
    )


def _addresses(text: str) -> dict[str, str]:
    """The risk functions' addresses by name, from `name=url,name=url`."""
    addresses = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, url = entry.partition("=")
        if not url.startswith(("https://", "http://")):
            raise Misconfigured(
                "set SLACKER_RISK_FUNCTIONS to name=https://…, one per risk function, with commas between"
            )
        addresses[name] = url
    return addresses


_entry = EntryPoint("advice", build)


@functions_framework.aio.http
async def advice(request: Request) -> Response:
    """Answers bank services: see `schemas/openapi/advice.v1.json`."""
    return await _entry(request)
