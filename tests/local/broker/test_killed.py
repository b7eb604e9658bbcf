"""`kill -9` of the broker at any moment, under load: what was confirmed is delivered or a dead letter."""

import asyncio
import os
import random
from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from shared.embedded.broker_publisher import BrokerPublisher
from shared.errors import DeadlineExceeded, Unavailable
from shared.messaging.messages import Delivery, Message
from tests.support.broker_process import running
from tests.support.builders.broker import HELD, TOPIC, topology
from tests.support.deadlines import plenty
from tests.support.emulators import free_port
from tests.support.endpoint import listening
from tests.support.eventually import PATIENCE, eventually

KILLS = int(os.environ.get("SLACKER_KILLS", "4"))
PUBLISHERS = 4


def answer(delivery: Delivery) -> int:
    """Poison is refused always, some others at first."""
    if delivery.message.data.endswith(b"7"):
        return 500
    return 429 if delivery.message.data.endswith(b"3") and delivery.delivery_attempt == 1 else 204


@dataclass(slots=True)
class Load:
    """Publishes until `stop` is set; `confirmed` are the bodies whose publishing was confirmed."""

    url: str
    confirmed: set[bytes] = field(default_factory=set)
    progress: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    _count: int = 0

    async def publish(self) -> None:
        publisher = BrokerPublisher(self.url, "bank")
        while not self.stop.is_set():
            batch = [Message(b"%d" % (self._count + n)) for n in range(7)]
            self._count += len(batch)
            with suppress(Unavailable, DeadlineExceeded):
                await publisher.publish(TOPIC, batch, plenty())
                self.confirmed |= {message.data for message in batch}
                self.progress.set()
        await publisher.close()


async def undelivered(url: str) -> tuple[int, set[bytes]]:
    """How many messages have yet to be delivered, and the dead letters."""
    async with aiohttp.ClientSession(url) as session:
        async with session.get("/status") as response:
            (first, _) = (await response.json())["subscriptions"]
        async with session.get(f"/subscriptions/{HELD}/messages?limit=10000") as response:
            messages = (await response.json())["messages"]
    return first["backlog"], {b64decode(letter["message"]["data"]) for letter in messages}


async def nothing_held(url: str) -> bool:
    return not (await undelivered(url))[0]


async def test_nothing_that_was_confirmed_is_lost(tmp_path: Path) -> None:
    port, chance = free_port(), random.Random(7)  # noqa: S311 - moments, not secrets
    async with listening() as endpoint:
        endpoint.answer = answer
        config = topology(endpoint.url, max_attempts=2)
        load = Load(f"http://127.0.0.1:{port}")
        publishing = [asyncio.create_task(load.publish()) for _ in range(PUBLISHERS)]
        for _ in range(KILLS):
            async with running(tmp_path, config, port) as process:
                load.progress.clear()
                await asyncio.wait_for(
                    load.progress.wait(), PATIENCE
                )  # killed before it confirms, it would prove little
                await asyncio.sleep(chance.uniform(0, 0.3))
                process.kill()
        async with running(tmp_path, config, port):
            load.stop.set()
            await asyncio.gather(*publishing)
            await eventually(lambda: nothing_held(load.url))
            _, dead = await undelivered(load.url)
    delivered = {delivery.message.data for delivery in endpoint.deliveries if answer(delivery) == 204}
    assert load.confirmed - delivered - dead == set()
    assert {data for data in load.confirmed if data.endswith(b"7")} <= dead
    assert len(load.confirmed) > 10 * KILLS
