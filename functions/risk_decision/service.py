"""The risk function over HTTP: a request is parsed here, decided by the domain, told to the log, and answered."""

import msgspec
from starlette.responses import Response

from shared.catalogue.active_versions import ActiveVersions
from shared.http import deadline_header
from shared.http.callers import Callers
from shared.http.guard import guard
from shared.http.json_body import json_object
from shared.http.request import HttpRequest
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache

from .active_rules import ActiveRules
from .decider import Decider
from .request import RequestParser
from .response import encode, log_line

MAX_BODY = 128 * 1024
"""Bytes of a request: a question, and what `advice` adds to it."""

_DEFAULT_DEADLINE = 0.2  # seconds, for whoever asks without saying
_MARGIN = 0.005  # seconds of the deadline kept for deciding, encoding and the log line


class Service(msgspec.Struct, frozen=True):
    """Answers the requests of one instance; `allowed` are the e-mail addresses that may ask."""

    callers: Callers
    allowed: frozenset[str]
    requests: RequestParser
    rule_sets: ActiveVersions[ActiveRules]
    decider: Decider
    log: Log
    token_key: TokenKeyCache

    async def handle(self, request: HttpRequest) -> Response:
        """The response to any call; see `shared.composition.entry_point`."""
        refused = guard(request, self.callers, self.allowed, function="a risk function", verb="ask")
        if refused is not None:
            return refused
        deadline = request.deadline((deadline_header.parse(request.headers) or _DEFAULT_DEADLINE) - _MARGIN)
        question = self.requests.parse(json_object(await request.body(MAX_BODY)))
        rules = await self.rule_sets.current(question.operation, self.decider.documents, deadline, request.arrived)
        if rules.refreshed.problem is not None:
            self.log.write("rules_not_refreshed", "ERROR", request.trace, reason=rules.refreshed.problem)
        decided = await self.decider.decide(question, rules, self.log.tokens, deadline, request.arrived)
        log_line(self.log, request.trace, question, decided, request.elapsed())
        return Response(encode(question, decided), media_type="application/json")
