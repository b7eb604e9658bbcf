"""Plays a provider of text messages, who sends whatever is asked for, each time it is asked for."""

import re
import uuid
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from local.stack.stand_ins import SECRETS
from local.stand_ins.faults import Switches
from local.stand_ins.json_store import JsonStore, store_of
from local.stand_ins.server import StandIn
from local.stand_ins.service import Reply, Request, Table
from shared.http.credentials import basic
from shared.times import at_seconds

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


class Sms:
    """Implements `local.stand_ins.service.Service` over `store`."""

    name = "sms"

    def __init__(self, store: JsonStore) -> None:
        self._store = store

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        if (request.method, request.path) != ("POST", "/v1/messages"):
            return self.refusal(404)
        body = request.json()
        if not isinstance(body, dict) or not _NUMBER.fullmatch(str(body.get("to"))) or not body.get("text"):
            return self.refusal(422)
        id_ = f"SM{uuid.uuid4().hex}"
        at = at_seconds(now).isoformat(timespec="milliseconds")
        self._store.put("messages", id_, {**body, "at": at})
        return Reply(202, {"id": id_})

    def refusal(self, status: int) -> Reply:
        """See the protocol."""
        return Reply(status, {"code": f"E{status}", "message": f"refused with status {status}"})

    def tables(self) -> Sequence[Table]:
        """See the protocol."""
        rows = [
            (message["at"], message["to"], message["text"], message["reference"]) for message in reversed(self.sent())
        ]
        return [Table("Text messages", ("at", "to", "text", "reference"), rows)]

    def sent(self) -> list[dict[str, Any]]:
        """Every message, the oldest first."""
        return list(self._store.all("messages").values())

    def close(self) -> None:
        """See the protocol."""
        self._store.close()


def application() -> web.Application:
    """The stand-in of the stack."""
    return StandIn(Sms(store_of("sms")), {basic(SECRETS["sms-credential"])}).application()
