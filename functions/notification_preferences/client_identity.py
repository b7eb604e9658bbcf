"""Who the client is: the bank's gateway has established that, and says so in a header.

Only the gateway's own account may call, by IAM and by SLACKER_CALLERS; what anybody else would put into the header is
never read.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from shared.errors import Forbidden
from shared.identity import Callers

from .contract import parameter

HEADER = "x-client-id"


class Clients(Protocol):
    """Tells the client from the headers of a call, their names in lower case."""

    def identify(self, headers: Mapping[str, str]) -> str:
        """The bank's id of the client. Raises `Unauthenticated`, `Forbidden`, and `Invalid` for what is no id."""
        ...


class GatewayClients(msgspec.Struct, frozen=True):
    """Implements `Clients`; `gateways` are the accounts whose word counts, by e-mail address."""

    callers: Callers
    gateways: frozenset[str]

    def identify(self, headers: Mapping[str, str]) -> str:
        """See the port."""
        self.admit(headers)
        return parameter("Client", headers.get(HEADER, ""))

    def admit(self, headers: Mapping[str, str]) -> None:
        """Return if a gateway calls; raises `Unauthenticated` and `Forbidden`."""
        caller = self.callers.identify(headers)
        if caller.email not in self.gateways:
            raise Forbidden(f"{caller.email} may not speak for clients: see SLACKER_CALLERS")
