"""Plays the bank's contacts service: every client has a number, but those whose id begins with `nobody`.

The numbers are of the range that Ofcom reserves for films: none is assigned.
"""

from collections.abc import Sequence
from zlib import crc32

from aiohttp import web

from local.stack.stand_ins import SECRETS
from local.stand_ins.faults import Switches
from local.stand_ins.json_store import JsonStore, store_of
from local.stand_ins.server import StandIn
from local.stand_ins.service import Reply, Request, Table
from shared.http.credentials import bearer

UNKNOWN = "nobody"


class Contacts:
    """Implements `local.stand_ins.service.Service` over `store`, which holds the clients that were asked about."""

    name = "contacts"

    def __init__(self, store: JsonStore) -> None:
        self._store = store

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["v1", "clients", client, "contacts"] if not client.startswith(UNKNOWN):
                self._store.put("asked", client, mobile(client))
                return Reply(200, {"mobile": mobile(client)})
        return self.refusal(404)

    def refusal(self, status: int) -> Reply:
        """See the protocol."""
        return Reply(status, {"error": f"refused with status {status}"})

    def tables(self) -> Sequence[Table]:
        """See the protocol."""
        return [Table("Asked about", ("client", "mobile"), list(reversed(self._store.all("asked").items())))]

    def close(self) -> None:
        """See the protocol."""
        self._store.close()


def mobile(client: str) -> str:
    """The number of a client."""
    return f"+447700900{crc32(client.encode()) % 1000:03}"


def application() -> web.Application:
    """The stand-in of the stack."""
    return StandIn(Contacts(store_of("contacts")), {bearer(SECRETS["contacts-token"])}).application()
