"""The whole stack, really served, with somebody to ask it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from local.stack import Settings, Stack
from tests.functions.advice.build import body

PAYMENTS = "payments@slacker.local"

FUNCTIONS = ("risk_features", "merchant_features", "risk_decision", "advice")
"""What answers, and what it learns from; commands are held."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: `body` as bytes, `json` parsed, `seconds` the time it took."""

    status: int
    body: bytes
    seconds: float
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
        begun = time.monotonic()
        url = self.stack.url("advice") + path
        async with self.session.request(method, url, data=data, headers=sent) as response:
            content = await response.read()
            return Reply(
                response.status,
                content,
                time.monotonic() - begun,
                {name.lower(): value for name, value in response.headers.items()},
            )

    async def ask(self, body: object, operation: str = "transaction", **other: Any) -> Reply:
        """Ask for advice."""
        return await self.call("POST", f"/v1/operations/{operation}/advice", body, **other)

    async def works(self, name: str) -> None:
        """Wait until a risk function decides: a cold one may be late, and one that failed is left alone for a while."""
        async with asyncio.timeout(20):
            for number in count():
                reply = await self.ask(body(operation_id=f"good-{name}-{number}"))
                if reply.json.get("decided_by") == "risk_function":
                    return
                await asyncio.sleep(0.1)

    def log_lines(self, function: str) -> list[dict[str, Any]]:
        """Everything a function has written on its standard output."""
        text = (self.stack.state.logs / f"{function}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]


async def serve(settings: Settings) -> AsyncIterator[Client]:
    """A stack and a client, for a fixture."""
    async with Stack(settings, FUNCTIONS) as stack, aiohttp.ClientSession() as session:
        client = Client(stack, session)
        await client.works("start")
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """The stack as it ships."""
    async for each in serve(Settings(state=tmp_path_factory.mktemp("state"))):
        yield each
