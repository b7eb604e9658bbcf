"""The people who decide reviews decide by what is true, are two where it takes two, and leave some open."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from local.replay.operators import Operators, left
from local.stack.http_listener import listen
from tests.support.eventually import PATIENCE


def ids(count: int, *, of_the_left: bool = False) -> list[str]:
    """Operations whose review is decided, or is left."""
    names = (f"op-{number}" for number in range(1000))
    return [name for name in names if left(f"t.{name}.1") is of_the_left][:count]


class Api:
    """The operators' API, with one review for each operation: `needs` approvals each."""

    def __init__(self, operations: list[str], needs: int = 1) -> None:
        self.needs = needs
        self.reviews = {f"t.{name}.1": self._review(name) for name in operations}
        self.said: list[tuple[str, str, str]] = []
        self.broken = False
        self.called, self.decided = asyncio.Event(), asyncio.Event()
        self.url = ""

    def _review(self, name: str) -> dict[str, Any]:
        reasons = {"approve": ["CONFIRMED"], "reject": ["DENIED"]}
        review = {"id": f"t.{name}.1", "operation_id": name, "status": "open", "revision": 1}
        return {**review, "reasons": reasons, "approvals": 0}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        who = request.headers["authorization"].removeprefix("Bearer ")
        self.called.set()
        if self.broken:
            return web.Response(status=503)
        _, _, _, *rest = request.path.split("/")
        if not rest:
            return web.json_response(
                {"reviews": [candidate for candidate in self.reviews.values() if candidate["status"] == "open"]}
            )
        review = self.reviews[rest[0]]
        if request.method == "POST":
            body = json.loads(await request.read())
            assert body["revision"] == review["revision"]
            self.said.append((rest[0], rest[1], who))
            review["revision"] += 1
            review["approvals"] += rest[1] == "approve"
            if rest[1] == "reject" or review["approvals"] >= self.needs:
                review["status"] = {"approve": "approved", "reject": "rejected"}[rest[1]]
                self.decided.set()
        return web.json_response(review)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Four reviews, one of which nobody gets round to."""
    played = Api([*ids(3), *ids(1, of_the_left=True)])
    runner, port = await listen(played.handle, 0, "the test")
    played.url = f"http://127.0.0.1:{port}"
    yield played
    await runner.cleanup()


async def test_they_decide_by_what_is_true_and_leave_some_open(api: Api) -> None:
    genuine, fraud, unknown = ids(3)
    [kept] = ids(1, of_the_left=True)
    operators = Operators(api.url, lambda email: email, {genuine: True, fraud: False, kept: True})
    assert (await operators.look(), operators.decided) == (2, 2)
    assert {review["operation_id"]: review["status"] for review in api.reviews.values()} == {
        genuine: "approved",
        fraud: "rejected",
        unknown: "open",
        kept: "open",
    }


async def test_an_approval_that_takes_two_is_given_by_two_and_a_rejection_by_one(api: Api) -> None:
    api.needs = 2
    genuine, fraud, _ = ids(3)
    await Operators(api.url, lambda email: email, {genuine: True, fraud: False}).look()
    assert api.said == [
        (f"t.{genuine}.1", "approve", "anna@slacker.local"),
        (f"t.{genuine}.1", "approve", "ben@slacker.local"),
        (f"t.{fraud}.1", "reject", "anna@slacker.local"),
    ]


async def test_an_api_that_is_down_does_not_send_them_home(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.replay.operators._EVERY", 0.01)
    api.broken = True
    operators = Operators(api.url, lambda email: email, {ids(1)[0]: True})
    operators.start()
    try:
        async with asyncio.timeout(PATIENCE):
            await api.called.wait()
            api.broken = False
            await api.decided.wait()
    finally:
        await operators.stop()
    assert [who for _, _, who in api.said] == ["anna@slacker.local"]
