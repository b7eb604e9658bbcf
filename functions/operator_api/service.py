"""The operators' API over HTTP: who asks is authorised, what is asked is checked, and both are on record before
anything is shown or done.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from shared.audit.act import Act, Deed, Done, Held
from shared.audit.log import AuditLog
from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Forbidden, NotFound
from shared.http.request import HttpRequest
from shared.http.responses import method_not_allowed
from shared.identity import Callers
from shared.logs import Log
from shared.token_key import TokenKey

from .contract import Contract, description
from .roles import Operators
from .route import Asked, Route

WITHIN = 20.0
"""Seconds for one call: a person waits for it."""

READ = "GET"

_DESCRIBED = "/v1/openapi.json"


class Service(msgspec.Struct, frozen=True):
    """Answers the requests of one instance."""

    callers: Callers
    operators: Operators
    routes: Sequence[tuple[Route, Contract]]
    audit: AuditLog
    log: Log
    token_key: TokenKey
    clock: Clock

    async def handle(self, call: HttpRequest) -> Response:
        """The response to any call; see `shared.http.entry`."""
        email = self.callers.identify(call.headers).email
        if email not in self.operators:
            raise Forbidden(f"{email} is no operator: see SLACKER_OPERATORS")
        if call.path == _DESCRIBED:
            return _json(description()) if call.method == READ else method_not_allowed(READ)
        here = [each for each in self.routes if each[0].matches(call.path) is not None]
        if not here:
            raise NotFound(f"the paths of this service are in {_DESCRIBED}")
        for route, contract in here:
            if route.method == call.method:
                return await self._answer(call, route, contract, email)
        return method_not_allowed(*(route.method for route, _ in here))

    async def _answer(self, call: HttpRequest, route: Route, contract: Contract, email: str) -> Response:
        deadline, given = call.deadline(WITHIN), route.matches(call.path) or {}
        if not route.roles & self.operators[email]:
            await self._refuse(Deed(email, route.action, self.clock.now(), trace=call.trace), given, route, deadline)
        path, query = contract.values("path", given), contract.values("query", call.query())
        body = await contract.body_of(call)
        asked = Asked(email, route.action, path, query, body, self.log.tokens, call.trace, deadline, self.clock.now())
        shown = await route.handle(asked)
        if route.method == READ:
            await self.audit.note(asked.deed(query.get("why") or ""), shown.targets, shown.subjects, deadline)
        return _json(shown.content)

    async def _refuse(self, deed: Deed, given: Mapping[str, str], route: Route, deadline: Deadline) -> None:
        """Put on record that somebody asked for what is not theirs, and raise `Forbidden`."""
        roles = " or ".join(sorted(route.roles))

        def refused(_: Held) -> Done[None]:
            raise Forbidden(f"{deed.actor} may not: it takes the role {roles}, see SLACKER_OPERATORS")

        await self.audit.record(Act(deed, (), refused, tuple(given.values())), deadline)


def _json(content: Any) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json", headers={"cache-control": "no-store"})
