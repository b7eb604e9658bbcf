"""Who the client is: the bank's gateway has established that, and says so in a header.

Only the gateway's own account may call, by IAM and by SLACKER_CALLERS; what anybody else would put into the header is
never read.
"""

import msgspec

from shared.errors import Forbidden
from shared.http.api import ApiRequest
from shared.http.callers import Callers
from shared.http.request import HttpRequest
from shared.http.routes import Route

HEADER = "x-client-id"

ClientRequest = ApiRequest[str]
"""A request on behalf of a client: the caller is the bank's id of the client."""


class GatewayClients(msgspec.Struct, frozen=True):
    """Implements `shared.http.api.Access`; `gateways` are the accounts whose word counts, by e-mail address."""

    callers: Callers
    gateways: frozenset[str]

    async def authorise(self, request: HttpRequest, route: Route) -> str:
        """See the port: the client's id, empty where the operation is about no client; raises `Invalid` for no id."""
        caller = self.callers.identify(request.headers)
        if caller.email not in self.gateways:
            raise Forbidden(f"{caller.email} may not speak for clients: see SLACKER_CALLERS")
        parameter = route.operation.of("header").get(HEADER)
        return "" if parameter is None else parameter.value(request.headers.get(HEADER, ""))
