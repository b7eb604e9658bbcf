"""The broker over HTTP: Pub/Sub's shape for publishing, and what is looked at."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from local.broker import server
from local.broker.broker import Broker
from tests.support.builders.broker import HELD, NAME, TOPIC, broker

PUBLISH = f"/v1/projects/bank/topics/{TOPIC}:publish"
GOOD = {"messages": [{"data": base64.b64encode(b"\x00\xff").decode(), "attributes": {"a": "ö"}, "orderingKey": "k"}]}


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[Broker]:
    async with broker(tmp_path) as running:
        yield running


@pytest.fixture
async def session(started: Broker) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(started.url) as opened:
        yield opened


async def test_a_publish_gives_the_ids_and_is_then_in_the_file(started: Broker, session: aiohttp.ClientSession) -> None:
    async with session.post(PUBLISH, json=GOOD) as response:
        assert response.status == 200
        ids = (await response.json())["messageIds"]
    (delivery,) = started.waiting(NAME, 10)
    assert [delivery.id] == ids
    assert (delivery.message.data, delivery.message.attributes, delivery.message.ordering_key) == (
        b"\x00\xff",
        {"a": "ö"},
        "k",
    )


@pytest.mark.parametrize(
    ("path", "body", "code", "status"),
    [
        ("/v1/projects/bank/topics/unknown:publish", GOOD, 404, "NOT_FOUND"),
        ("/v1/projects/other/topics/transactions:publish", GOOD, 404, "NOT_FOUND"),
        ("/v1/projects/bank/topics/transactions:pull", GOOD, 404, "NOT_FOUND"),
        (PUBLISH, {}, 400, "INVALID_ARGUMENT"),
        (PUBLISH, {"messages": []}, 400, "INVALID_ARGUMENT"),
        (PUBLISH, {"messages": [{"data": "MQ=="}] * 1001}, 400, "INVALID_ARGUMENT"),
        (PUBLISH, {"messages": [{}]}, 400, "INVALID_ARGUMENT"),
        (PUBLISH, {"messages": [{"data": "!"}]}, 400, "INVALID_ARGUMENT"),
        (PUBLISH, {"messages": [{"data": "MQ==", "attributes": {"a": 1}}]}, 400, "INVALID_ARGUMENT"),
        (PUBLISH, {"messages": [{"data": "MQ==", "attributes": {"": "1"}}]}, 400, "INVALID_ARGUMENT"),
        (PUBLISH, [], 400, "INVALID_ARGUMENT"),
    ],
)
async def test_what_cannot_be_published_is_refused_in_the_shape_of_googles_errors(
    session: aiohttp.ClientSession, path: str, body: Any, code: int, status: str
) -> None:
    async with session.post(path, json=body) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"], error["status"]) == (code, code, status)
    assert error["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
async def test_a_body_that_is_not_json_is_refused(session: aiohttp.ClientSession, body: bytes) -> None:
    async with session.post(PUBLISH, data=body) as response:
        assert response.status == 400


async def test_a_body_over_the_limit_is_refused(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_BODY", 1000)
    async with session.post(PUBLISH, data=b" " * 1001) as response:
        assert response.status == 413


async def test_the_status_is_one_document(session: aiohttp.ClientSession) -> None:
    await session.post(PUBLISH, json=GOOD)
    async with session.get("/status") as response:
        status = await response.json()
    assert status["project"] == "bank"
    assert {topic["name"]: topic["published"] for topic in status["topics"]}[TOPIC] == 1
    assert [
        (subscription["name"], subscription["backlog"], subscription["destination"])
        for subscription in status["subscriptions"]
    ] == [
        (NAME, 1, "held"),
        (HELD, 0, "held"),
    ]


async def test_what_waits_is_shown_as_far_as_asked(session: aiohttp.ClientSession) -> None:
    for _ in range(3):
        await session.post(PUBLISH, json=GOOD)
    for query, count in (("", 3), ("?limit=2", 2), ("?limit=-1", 3), ("?limit=x", 3)):
        async with session.get(f"/subscriptions/{NAME}/messages{query}") as response:
            messages = (await response.json())["messages"]
        assert len(messages) == count
        assert messages[0]["message"] == {"data": "AP8=", "attributes": {"a": "ö"}, "ordering_key": "k"}


@pytest.mark.parametrize("path", ["/subscriptions/unknown/messages", "/elsewhere", "/favicon.ico"])
async def test_anything_else_is_not_found(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(path) as response:
        assert response.status == 404
    async with session.post(path) as response:
        assert response.status == 404


async def test_the_page_shows_every_name_escaped_and_loads_itself_again(session: aiohttp.ClientSession) -> None:
    async with session.get("/") as response:
        text = await response.text()
    assert response.content_type == "text/html"
    assert all(name in text for name in (TOPIC, NAME, HELD, 'http-equiv="refresh"'))
