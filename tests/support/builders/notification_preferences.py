"""`notification_preferences` as it is composed, over a store of this process, and calls of the bank's gateway."""

import io
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.baselines.metadata.main import token
from functions.notification_preferences.main import compose
from functions.notification_preferences.service import Service
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import open_ports
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.privacy import Pseudonymiser
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.storage.documents import Documents
from tests.support.event_streams import TOKENS
from tests.support.http_requests import Reply, content, reply_of, starlette_request

GATEWAY = "app-gateway@slacker.local"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHOSEN: dict[str, Any] = {
    "push": {"service": False, "rewards": True}, "text": {"service": True, "rewards": False},
    "quiet_hours": {"start": "23:00", "end": "06:30"}, "language": "de-AT", "time_zone": "Europe/Vienna",
}  # fmt: skip
PHONE = {"platform": "android", "fid": "f" * 22}


@dataclass
class Function:
    """The function under test, whose token key is read unless `key` says otherwise; each registration is a minute after
    the one before.
    """

    state: Path
    documents: Documents = field(default_factory=MemoryDocuments)
    key: Callable[[Deadline], Awaitable[Pseudonymiser]] | None = None

    def __post_init__(self) -> None:
        self.printed = io.BytesIO()
        self.clock = ManualClock(NOON)
        self._entry = EntryPoint("notification_preferences", lambda _: self._service(), self.clock)

    async def call(
        self, method: str, path: str, body: Any = None, client: str | None = "C-1", caller: str = GATEWAY,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:  # fmt: skip
        """Status and JSON (`None` without any) of an answer."""
        named = {} if client is None else {"x-client-id": client}
        reply = await self._reply(method, path, body, "", caller, {**named, **(headers or {})})
        return reply.status, reply.json

    async def reply(
        self, method: str, path: str, body: Any = None, query: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer to a request of the gateway for the client C-1."""
        return await self._reply(method, path, body, query, GATEWAY, {"x-client-id": "C-1", **(headers or {})})

    async def _reply(
        self, method: str, path: str, body: Any, query: str, caller: str, headers: Mapping[str, str]
    ) -> Reply:
        data = content(body)
        sent = {"authorization": f"Bearer {token(caller)}", "content-length": str(len(data)), **headers}
        return reply_of(await self._entry(starlette_request(data, sent, method=method, path=path, query=query)))

    async def register(self, device: str, body: Mapping[str, str], client: str = "C-1") -> int:
        """The status that a registration is answered with."""
        await self.clock.advance(60)
        return (await self.call("PUT", f"/v1/devices/{device}", dict(body), client))[0]

    async def devices(self, client: str = "C-1") -> list[str]:
        """The ids of a client's devices."""
        _, answer = await self.call("GET", "/v1/devices", client=client)
        return [device["id"] for device in answer["devices"]]

    def lines(self) -> list[dict[str, Any]]:
        """What it told its log."""
        return [json.loads(line) for line in self.printed.getvalue().splitlines()]

    def _service(self) -> Service:
        environ = {
            "SLACKER_ENVIRONMENT": "local",
            "SLACKER_BACKEND": "memory",
            "SLACKER_STATE": str(self.state),
            "SLACKER_CALLERS": GATEWAY,
        }
        tokens = TOKENS if self.key is None else None
        log = Log("notification_preferences", tokens, stream=self.printed, clock=self.clock)
        service = compose(replace(open_ports(environ), documents=self.documents, clock=self.clock), log)
        return service if self.key is None else replace(service, token_key=TokenKeyCache(self.key, self.clock))
