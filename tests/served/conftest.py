"""The whole stack, really served, with somebody to ask it."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from local.stack.bootstrap import publish
from local.stack.stack import Settings, Stack
from tests.support.builders.advice import body
from tests.support.eventually import eventually

PAYMENTS = "payments@slacker.local"

DEADLINE_MS, RESERVE_MS = 3000, 1000
"""What operations have for an answer, and to put it on record: ten times what ships."""

FUNCTIONS = ("risk_features", "merchant_features", "risk_decision", "advice")
"""What answers, and what it learns from; commands are held."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: `body` as bytes, `json` parsed."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody with a token, before the stack's front."""

    stack: Stack
    session: aiohttp.ClientSession

    def token(self, email: str = PAYMENTS) -> str:
        """A token for `advice`."""
        return self.stack.tokens.sign(email, self.stack.url("advice"), time.time())

    async def call(
        self, method: str, path: str, body: object = None, email: str | None = PAYMENTS, **headers: str
    ) -> Reply:
        """One request; `body` is sent as JSON, or as it is if it is bytes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if email is not None:
            sent["authorization"] = f"Bearer {self.token(email)}"
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        url = self.stack.url("advice") + path
        async with self.session.request(method, url, data=data, headers=sent) as response:
            content = await response.read()
            return Reply(
                response.status,
                content,
                {name.lower(): value for name, value in response.headers.items()},
            )

    async def ask(self, body: object, operation: str = "transaction", **other: Any) -> Reply:
        """Ask for advice."""
        return await self.call("POST", f"/v1/operations/{operation}/advice", body, **other)

    async def works(self, name: str) -> None:
        """Wait until a risk function decides: a cold one may be late, and one that failed is left alone for a while."""
        numbers = count()

        async def decides() -> bool:
            reply: dict[str, Any] = (await self.ask(body(operation_id=f"good-{name}-{next(numbers)}"))).json
            return reply.get("decided_by") == "risk_function"

        await eventually(decides)

    def log_lines(self, function: str) -> list[dict[str, Any]]:
        """Everything a function has written on its standard output."""
        text = (self.stack.state.logs / f"{function}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]


async def serve(settings: Settings) -> AsyncIterator[Client]:
    """A stack whose operations give a busy machine the time it needs, and a client, for a fixture."""
    async with Stack(settings, FUNCTIONS) as stack, aiohttp.ClientSession() as session:
        store = stack.backend()
        await publish(store, deadline_ms=DEADLINE_MS, reserve_ms=RESERVE_MS)
        await store.close()
        client = Client(stack, session)
        assert (await client.call("GET", "/v1/openapi.json")).status == 200  # which takes the time to find them
        await client.works("start")
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """The stack as it ships, but for its operations' deadlines."""
    async for running in serve(Settings(state=tmp_path_factory.mktemp("state"))):
        yield running
