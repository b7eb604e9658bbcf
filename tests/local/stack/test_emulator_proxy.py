"""What an emulator pushes: held, archived or passed on, whole or not at all."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.broker.topology import Topology
from local.stack.emulator_proxy import EmulatorProxy
from local.stack.tokens import Tokens
from local.stack.topology import HELD
from shared.messaging.envelope import MAX_BODY

HELD_LETTER = b'{"message": {"messageId": "1", "publishTime": "2024-03-01T00:00:00Z"}, "subscription": "s"}'


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[EmulatorProxy]:
    running = EmulatorProxy(Tokens(rsa.generate_private_key(65537, 2048)), Topology(project="p", topics=()), tmp_path)
    await running.start()
    yield running
    await running.close()


async def pushed(gateway: EmulatorProxy, subscription: str, body: bytes) -> int:
    url = gateway.url(subscription)
    async with aiohttp.ClientSession() as session, session.post(url, data=BytesIO(body)) as answer:
        return answer.status


async def test_a_dead_letter_is_counted_and_acknowledged(gateway: EmulatorProxy) -> None:
    assert (await pushed(gateway, HELD, HELD_LETTER), gateway.acknowledged[HELD]) == (204, 1)


async def test_a_body_larger_than_a_push_can_be_is_refused_and_not_cut_short(gateway: EmulatorProxy) -> None:
    assert (await pushed(gateway, HELD, b" " * (MAX_BODY + 1)), gateway.acknowledged[HELD]) == (413, 0)
