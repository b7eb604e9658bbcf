"""Events through the whole stack: pushed with a token, featured or dead-lettered with a reason; on both backends."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from local.stack.messaging import BrokerMessaging
from local.stack.process import ROOT
from local.stack.stack import Settings, Stack
from local.stack.topology import HELD
from shared.events.avro.events import encode
from shared.messaging.messages import Message
from shared.risk.features.keys import CLIENTS, MERCHANTS
from tests.support.deadlines import plenty
from tests.support.event_streams import BEGIN, dice, spending
from tests.support.eventually import PATIENCE

FUNCTIONS = ("risk_features", "merchant_features")
SAMPLE = ("--clients", "60", "--history", "2", "--limit", "60", "--deadline-ms", "20000", "--json")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    settings = Settings(state=tmp_path_factory.mktemp("events") / "state", replay=True)
    async with Stack(settings, FUNCTIONS) as running:
        yield running


async def counts(stack: Stack, *collections: str) -> list[int]:
    store = stack.backend()
    try:
        return [len(await store.documents.scan(name, plenty(), limit=1000)) for name in collections]
    finally:
        await store.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_an_event_is_featured_by_every_function_that_gets_it(stack: Stack) -> None:
    events = [spending(dice(n), f"one-{n}", "c1", BEGIN) for n in range(20)]
    before = await counts(stack, CLIENTS)
    await stack.publish("transactions", [Message(encode(event)) for event in events])
    assert await stack.settled(PATIENCE)
    merchants = len({event.merchant for event in events if event.merchant})
    after = await counts(stack, CLIENTS, MERCHANTS)
    assert [after[0] - before[0], after[1]] == [1, merchants]
    assert stack.deliveries.due == stack.deliveries.done


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("topic", "data"),
    [("transactions", b"\xff\xff"), ("transactions", b""), ("overdrafts", bytes(9_000_000)), ("decisions", b"{")],
    ids=["not decodable", "a tombstone", "of 9 MB", "not JSON"],
)
async def test_what_can_never_be_featured_is_a_dead_letter_with_a_reason(stack: Stack, topic: str, data: bytes) -> None:
    before, due = await stack.messaging.dead_letters(), stack.deliveries.due
    await stack.publish(topic, [Message(data, {"from": "the test"})])
    assert await stack.settled(PATIENCE)
    assert await stack.messaging.dead_letters() - before == stack.deliveries.due - due
    assert isinstance(stack.messaging, BrokerMessaging)
    url = f"{stack.messaging.url}/subscriptions/{HELD}/messages?limit=1000"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        newest = (await answer.json())["messages"][-1]["message"]["attributes"]
    assert newest["from"] == "the test"
    assert newest["slacker-reason"]
    assert newest["slacker-source"].startswith(topic)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_push_without_a_token_is_refused(stack: Stack) -> None:
    async with aiohttp.ClientSession() as session, session.post(stack.url("risk_features"), data=b"{}") as answer:
        assert answer.status == 401


def _summary(state: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "local", "demo", "--state", str(state), *SAMPLE, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_the_same_sample_leads_to_the_same_decisions_on_googles_emulators(tmp_path: Path) -> None:
    if os.environ.get("CI") != "true" and not (shutil.which("gcloud") and shutil.which("java")):
        pytest.skip("needs Google's emulators: gcloud and Java")
    ours, theirs = _summary(tmp_path / "ours"), _summary(tmp_path / "theirs", "--emulators")
    assert [summary["commands"]["missing"] for summary in (ours, theirs)] == [[], []]
    assert ("declared" in ours["decided_by"], "declared" in theirs["decided_by"]) == (False, False)
    for same in ("outcomes", "reasons", "second_attempts"):
        assert ours[same] == theirs[same]
    for tally in (ours["events"], theirs["events"]):
        assert tally["deliveries"] == tally["featured"] + tally["dead_lettered"] > 0
