"""Plays the bank's own notification service: each key is delivered once, and clients `nobody…` are unknown to it."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from local.stack.stand_ins import SECRETS
from local.stand_ins.contacts import UNKNOWN
from local.stand_ins.faults import Switches
from local.stand_ins.json_store import JsonStore, store_of
from local.stand_ins.server import StandIn
from local.stand_ins.service import Reply, Request, Table
from shared.http.credentials import bearer
from shared.times import at_seconds

_FIELDS = frozenset(
    ("client_id", "channel", "category", "title", "body", "silent", "route", "subject", "collapse", "not_after")
) | {"dry_run"}


class BankNotifications:
    """Implements `local.stand_ins.service.Service` over `store`."""

    name = "bank_notifications"

    def __init__(self, store: JsonStore) -> None:
        self._store = store

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        key = request.headers.get("idempotency-key", "")
        if (request.method, request.path) != ("POST", "/v1/notifications"):
            return self.refusal(404)
        body = request.json()
        if not isinstance(body, dict) or not key or body.keys() != _FIELDS:
            return self.refusal(422)
        if str(body["client_id"]).startswith(UNKNOWN):
            return self.refusal(404)
        if self._store.get("notifications", key) is not None:
            return self.refusal(409)
        if not body["dry_run"]:
            at = at_seconds(now).isoformat(timespec="milliseconds")
            self._store.put("notifications", key, {**body, "at": at})
        return Reply(202, {"id": f"N-{key[:12]}"})

    def refusal(self, status: int) -> Reply:
        """See the protocol."""
        return Reply(status, {"error": f"refused with status {status}"})

    def tables(self) -> Sequence[Table]:
        """See the protocol."""
        columns = ("at", "client_id", "channel", "title", "body", "route", "subject")
        rows = [tuple(str(notification[column]) for column in columns) for notification in reversed(self.sent())]
        return [Table("Notifications", columns, rows)]

    def sent(self) -> list[dict[str, Any]]:
        """Every notification, the oldest first."""
        return list(self._store.all("notifications").values())

    def close(self) -> None:
        """See the protocol."""
        self._store.close()


def application() -> web.Application:
    """The stand-in of the stack."""
    accepted = {bearer(SECRETS["bank-notifications-token"])}
    return StandIn(BankNotifications(store_of("bank_notifications")), accepted).application()
