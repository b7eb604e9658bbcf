"""A push: one POST with the envelope and the subscription's token; 200, 201, 202 and 204 acknowledge, all else refuses.

Pub/Sub also takes 102 for an acknowledgement. Here that is what HTTP says it is, an interim answer before the real one.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO

import aiohttp

from local.broker.subscription_worker import Deliver, PendingDelivery, Refused
from local.broker.topology import Push, Subscription
from local.stack.tokens import Tokens
from shared.embedded.local_token import LIFETIME

_ACKNOWLEDGE = frozenset({200, 201, 202, 204})
_KEEP_ALIVE = 1.5  # functions close idle connections after 2 s
_LONG = 1_000_000
_MAX_BYTES = 65_536  # of an answer that is read, so that its connection serves again


class Pusher:
    """The HTTP client of all push subscriptions. `tokens` signs for those that show who they are."""

    def __init__(self, project: str, tokens: Tokens | None) -> None:
        self._project = project
        self._tokens = tokens
        self._signed: dict[tuple[str, str], tuple[float, str]] = {}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # the ack deadline counts
            auto_decompress=False,
            headers={"content-type": "application/json", "user-agent": "slacker-broker"},
        )

    async def close(self) -> None:
        """Drop every connection."""
        await self._session.close()

    def deliver(self, subscription: Subscription, push: Push) -> Deliver:
        """What delivers for `subscription`, one message at a time."""
        name = f"projects/{self._project}/subscriptions/{subscription.name}"
        counted = bool(subscription.dead_letter_topic)

        async def deliver(batch: Sequence[PendingDelivery]) -> None:
            ((stored, refusals),) = batch
            body = stored.envelope(name, refusals + 1 if counted else None)
            headers = self._authorization(push)
            try:
                status = await self._post(push.url, body, headers)
            except aiohttp.ServerDisconnectedError:  # an idle connection, closed by the other side just now
                status = await self._post(push.url, body, headers)
            if status not in _ACKNOWLEDGE:
                raise Refused(f"status {status}")

        return deliver

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        # aiohttp wants long bodies as files, which it sends piece by piece.
        data = body if len(body) < _LONG else BytesIO(body)
        async with self._session.post(url, data=data, headers=headers, allow_redirects=False) as answer:
            with suppress(aiohttp.ClientError):  # the status counts
                await answer.content.read(_MAX_BYTES)
            return answer.status

    def _authorization(self, push: Push) -> dict[str, str]:
        if not push.email or self._tokens is None:
            return {}
        key, now = (push.email, push.audience or push.url), time.time()
        until, header = self._signed.get(key, (0.0, ""))
        if now >= until:
            header = f"Bearer {self._tokens.sign(*key, now)}"
            self._signed[key] = (now + LIFETIME / 2, header)
        return {"authorization": header}
