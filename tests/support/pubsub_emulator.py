"""Topics and push subscriptions in Google's emulator, over its REST; a subscription never outlives its test.

One that did would be pushed for ever, and fill the disk with the emulator's complaints.
"""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

ACK_DEADLINE = 10  # seconds, the shortest there is


async def pulled(address: str, project: str, subscription: str) -> list[dict[str, Any]]:
    """The messages that a pull subscription holds, as REST tells them."""
    url = f"http://{address}/v1/projects/{project}/subscriptions/{subscription}:pull"
    async with (
        aiohttp.ClientSession(raise_for_status=True) as session,
        session.post(url, json={"maxMessages": 10}) as response,
    ):
        return [received["message"] for received in (await response.json())["receivedMessages"]]


@asynccontextmanager
async def project(address: str, topics: Iterable[str], pushed: dict[str, str]) -> AsyncIterator[str]:
    """A new project with `topics`, and for each topic in `pushed` a subscription of its name.

    It pushes to the URL that is given, or is pulled from if none is.
    """
    name = f"test-{uuid.uuid4().hex[:12]}"
    base = f"http://{address}/v1/projects/{name}"
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        for topic in topics:
            await session.put(f"{base}/topics/{topic}", json={})
        for topic, url in pushed.items():
            subscription = {
                "topic": f"projects/{name}/topics/{topic}",
                "pushConfig": {"pushEndpoint": url} if url else {},
                "ackDeadlineSeconds": ACK_DEADLINE,
                "retryPolicy": {"minimumBackoff": "0.1s", "maximumBackoff": "1s"},
            }
            await session.put(f"{base}/subscriptions/{topic}", json=subscription)
        try:
            yield name
        finally:
            for topic in pushed:
                await session.delete(f"{base}/subscriptions/{topic}")
