"""The risk function over HTTP: a request is parsed here, decided by the domain, told to the log, and answered."""

import time
from dataclasses import dataclass

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from shared.catalogue.by_name import ActiveByName
from shared.deadline import Deadline
from shared.errors import Forbidden, NotFound
from shared.http import body
from shared.http.method import not_allowed
from shared.http.time_limit import seconds
from shared.identity import Callers
from shared.logs import Log
from shared.token_key import TokenKey
from shared.trace import Trace

from .active_rules import ActiveRules
from .answering import encoded, log_line
from .deciding import Decider
from .request import Requests

MAX_BODY = 128 * 1024
"""Bytes of a request: a question, and what `advice` adds to it."""

_USUAL_DEADLINE = 0.2  # seconds, for whoever asks without saying
_MARGIN = 0.005  # seconds of the deadline kept for deciding, encoding and the log line


@dataclass(frozen=True, slots=True)
class Service:
    """Answers the requests of one instance; `allowed` are the e-mail addresses that may ask."""

    callers: Callers
    allowed: frozenset[str]
    requests: Requests
    rule_sets: ActiveByName[ActiveRules]
    decider: Decider
    log: Log
    token_key: TokenKey

    async def handle(self, request: HttpRequest, trace: Trace, arrived: float) -> Response:
        """The response to any request; see `shared.http.entry`."""
        if request.url.path != "/":
            raise NotFound("a risk function has the path / alone")
        if request.method != "POST":
            return not_allowed("POST")
        caller = self.callers.identify(request.headers)
        if caller.email not in self.allowed:
            raise Forbidden(f"{caller.email} may not ask: see SLACKER_CALLERS")
        deadline = Deadline(arrived + (seconds(request) or _USUAL_DEADLINE) - _MARGIN)
        asked = self.requests.parse(body.json_object(await body.read(request, MAX_BODY)))
        rules = self.rule_sets.held(asked.operation)
        if rules is None:
            rules, refreshed = await self.rule_sets.find(asked.operation, self.decider.documents, deadline, arrived)
            if refreshed.problem is not None:
                self.log.write("rules_not_refreshed", "ERROR", trace, reason=refreshed.problem)
        decided = await self.decider.decide(asked, rules, self.log.tokens, deadline, arrived)
        log_line(self.log, trace, asked, decided, time.monotonic() - arrived)
        return Response(encoded(asked, decided), media_type="application/json")
