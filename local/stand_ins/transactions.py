"""Plays the bank's transaction service: a held transaction is approved or rejected once, by compare-and-set.

Every transaction that has not been resolved is `held`, but for those whose ids begin with `unknown.`.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from aiohttp import web

from local.stack.stand_ins import SECRETS
from local.stand_ins.faults import Switches
from local.stand_ins.json_store import JsonStore, store_of
from local.stand_ins.server import StandIn
from local.stand_ins.service import Reply, Request, Table
from shared import schema_files
from shared.errors import Invalid
from shared.http.credentials import bearer
from shared.json_schema import JsonSchema
from shared.times import at_seconds

UNKNOWN = "unknown."
"""What the ids of transactions that it does not know begin with."""

_PREFIX = "/v1/transactions/"
_STATUS = {"approve": "approved", "reject": "rejected"}


class Transactions:
    """Implements `local.stand_ins.service.Service` over `store`."""

    name = "transactions"

    def __init__(self, store: JsonStore) -> None:
        self._store = store

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        id_, _, rest = request.path.removeprefix(_PREFIX).partition("/")
        if not request.path.startswith(_PREFIX) or id_.startswith(UNKNOWN):
            return self.refusal(404)
        if (request.method, rest) == ("GET", ""):
            return Reply(200, self._resource(id_))
        if (request.method, rest) == ("POST", "resolution"):
            return self._resolve(id_, request, now)
        return self.refusal(404)

    def refusal(self, status: int) -> Reply:
        """See the protocol."""
        content = {"type": "about:blank", "title": f"refused with status {status}", "status": status}
        return Reply(status, content, {"Content-Type": "application/problem+json"})

    def tables(self) -> Sequence[Table]:
        """See the protocol."""
        rows = [
            (id_, kept["status"], kept["reason"], kept["review"], kept["key"], kept["at"])
            for id_, kept in reversed(self.resolved().items())
        ]
        return [Table("Resolved transactions", ("transaction", "status", "reason", "review", "command", "at"), rows)]

    def resolved(self) -> dict[str, Any]:
        """Every resolved transaction by id, the oldest first."""
        return self._store.all("transactions")

    def resolutions(self) -> dict[str, Any]:
        """What was answered to each idempotency key that resolved anything."""
        return self._store.all("keys")

    def close(self) -> None:
        """See the protocol."""
        self._store.close()

    def _resolve(self, id_: str, request: Request, now: float) -> Reply:
        key, body = request.headers.get("idempotency-key", ""), request.json()
        try:
            _resolution().validate(body)
        except Invalid:
            return self.refusal(422)
        if not key:
            return self.refusal(422)
        before = self._store.get("keys", key)
        if before is not None:
            return Reply(200, before["answer"]) if before["body"] == body else self.refusal(422)
        current = self._resource(id_)
        if (current["status"], current["version"]) != ("held", body["version"]):
            return Reply(409, current)
        kept = {"key": key, "at": at_seconds(now).isoformat(timespec="milliseconds"), **body}
        self._store.put("transactions", id_, {**kept, "status": _STATUS[body["decision"]]})
        answer = self._resource(id_)
        self._store.put("keys", key, {"body": body, "answer": answer})
        return Reply(200, answer)

    def _resource(self, id_: str) -> Mapping[str, Any]:
        kept = self._store.get("transactions", id_)
        status, version = ("held", 1) if kept is None else (kept["status"], kept["version"] + 1)
        return {"transaction_id": id_, "status": status, "version": version}


@cache
def _resolution() -> JsonSchema:
    return JsonSchema(schema_files.load("openapi/transaction_service.v1.json")["components"]["schemas"]["Resolution"])


def application() -> web.Application:
    """The stand-in of the stack."""
    return StandIn(Transactions(store_of("transactions")), {bearer(SECRETS["transactions-token"])}).application()
