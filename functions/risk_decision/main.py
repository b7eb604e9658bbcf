"""The entry point of `risk_decision`, the risk function that decides by rules, and where it is put together."""

from collections.abc import Mapping
from pathlib import Path

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.catalogue.active_versions import ActiveVersions
from shared.catalogue.bundled import bundled
from shared.catalogue.versions import RULE_SETS
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache

from .active_rules import parse_rules
from .decider import Decider
from .request import RequestParser
from .service import Service


def build(environ: Mapping[str, str]) -> Service:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    return compose(open_ports(environ))


def compose(ports: Ports) -> Service:
    """The service over `ports`."""
    return Service(
        callers=ports.callers,
        allowed=ports.settings.callers,
        requests=RequestParser(),
        rule_sets=ActiveVersions(RULE_SETS, parse_rules, bundled(Path(__file__).parent / "rule_sets")),
        decider=Decider(ports.documents, ports.clock, ports.settings.replay),
        log=Log("risk_decision", project=ports.settings.project, clock=ports.clock),
        token_key=TokenKeyCache(ports.tokens, ports.clock),
    )


_entry = EntryPoint("risk_decision", build)


@functions_framework.aio.http
async def risk_decision(request: Request) -> Response:
    """Answers `advice`: see `schemas/json/risk_function/`."""
    return await _entry(request)
