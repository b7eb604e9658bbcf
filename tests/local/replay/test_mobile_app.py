"""The bank's app registers each client's device once, as the gateway, and bears an API that is down."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web

from local.replay.mobile_app import MobileApp, address
from local.stack.http_listener import listen
from local.stand_ins.fcm import GONE
from shared.http.openapi import description
from shared.json_schema import JsonSchema

SERVED = description("openapi/notification_preferences.v1.json")
REGISTRATION = JsonSchema({"$ref": "#/components/schemas/Registration", "components": SERVED["components"]})


class Api:
    """Takes registrations; `status` is what it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.seen: list[tuple[str, str, str, Any]] = []
        self.url = ""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        content = msgspec.json.decode(await request.read())
        REGISTRATION.validate(content)
        call, headers = f"{request.method} {request.path}", request.headers
        self.seen.append((call, headers["authorization"], headers["x-client-id"], content))
        return web.Response(status=self.status)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    played = Api()
    runner, port = await listen(played.handle, 0, "the test")
    played.url = f"http://127.0.0.1:{port}"
    yield played
    await runner.cleanup()


async def test_a_client_is_registered_once_by_the_gateway(api: Api) -> None:
    app = MobileApp(api.url, lambda email: email)
    for _ in range(2):
        await app.opened("client-1")
    await app.close()
    device = {"fid": address("client-1"), "platform": "android"}
    assert api.seen == [("PUT /v1/devices/phone", "Bearer app-gateway@slacker.local", "client-1", device)]


async def test_what_could_not_be_registered_is_the_next_time(api: Api) -> None:
    app = MobileApp(api.url, lambda email: email)
    for api.status in (503, 200):
        await app.opened("1")
    await app.close()
    assert (len(api.seen), app.registered) == (2, {"1"})


def test_of_some_clients_the_app_is_gone() -> None:
    gone = [address(f"client-{number}").startswith(GONE) for number in range(400)]
    assert 0 < sum(gone) < 60
