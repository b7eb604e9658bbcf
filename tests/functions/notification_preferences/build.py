"""`notification_preferences` as it is composed, over a store of this process, and calls of the bank's gateway."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from starlette.requests import Request

from bench.empty.metadata.main import token
from functions.notification_preferences.main import compose
from functions.notification_preferences.service import Service
from shared.backend import backend
from shared.documents import Documents
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.http.entry import Entry
from shared.logs import Log
from tests.shared.features.streams import TOKENS

GATEWAY = "app-gateway@slacker.local"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHOSEN: dict[str, Any] = {
    "push": {"service": False, "rewards": True}, "text": {"service": True, "rewards": False},
    "quiet_hours": {"start": "23:00", "end": "06:30"}, "language": "de-AT", "time_zone": "Europe/Vienna",
}  # fmt: skip
PHONE = {"platform": "android", "fid": "f" * 22}


@dataclass
class Function:
    """The function under test; each registration is a minute after the one before."""

    state: Path
    documents: Documents = field(default_factory=MemoryDocuments)

    def __post_init__(self) -> None:
        self.printed = io.BytesIO()
        self.clock = ManualClock(NOON)
        self._entry = Entry("notification_preferences", lambda _: self._service())

    async def call(
        self, method: str, path: str, body: Any = None, client: str | None = "C-1", caller: str = GATEWAY,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:  # fmt: skip
        """Status and JSON (`None` without any) of an answer."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"authorization": f"Bearer {token(caller)}", "content-length": str(len(content)), **(headers or {})}
        if client is not None:
            sent["x-client-id"] = client
        scope: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        response = await self._entry(Request(scope, receive))
        return response.status_code, json.loads(bytes(response.body)) if response.body else None

    async def register(self, device: str, body: Mapping[str, str], client: str = "C-1") -> int:
        """The status that a registration is answered with."""
        await self.clock.advance(60)
        return (await self.call("PUT", f"/v1/devices/{device}", dict(body), client))[0]

    async def devices(self, client: str = "C-1") -> list[str]:
        """The ids of a client's devices."""
        _, shown = await self.call("GET", "/v1/devices", client=client)
        return [each["id"] for each in shown["devices"]]

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
        service = compose(replace(backend(environ), documents=self.documents))
        log = Log("notification_preferences", TOKENS, stream=self.printed)
        return replace(service, log=log, clock=self.clock)
