"""Plays the operators who decide reviews: every second, by the truth, and two of them where an approval takes two.

One review in eight is left open, to try `python -m cli reviews` with.
"""

import asyncio
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp

from local.stack.accounts import OPERATORS

_EVERY = 1.0  # seconds between looks
_LEFT = 8  # one in so many is left open
_WITHIN = 10.0  # seconds for one call
_PAGE = 500

Token = Callable[[str], str]


class Operators:
    """Decides at the operators' API at `url`. `token` signs for an e-mail address; `genuine` says by operation id
    whether a transaction is genuine, of those asked about so far. `decided` counts decisions.
    """

    def __init__(self, url: str, token: Token, genuine: Mapping[str, bool]) -> None:
        self._url = url
        self._tokens = {email: token(email) for email in OPERATORS[:2]}
        self._genuine = genuine
        self._task: asyncio.Task[None] | None = None
        self.decided = 0

    def start(self) -> None:
        """Keep deciding until stopped."""
        self._task = asyncio.create_task(self._run(), name="operators")

    async def stop(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> int:
        """Decide the open reviews that are not to be left open; returns how many those were."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN)) as session:
            return await self._look(session)

    async def _run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN)) as session:
            while True:
                with suppress(aiohttp.ClientError, TimeoutError):
                    await self._look(session)
                await asyncio.sleep(_EVERY)

    async def _look(self, session: aiohttp.ClientSession) -> int:
        listed = await self._call(session, "GET", f"reviews?status=open&limit={_PAGE}", OPERATORS[0])
        ours = [
            candidate
            for candidate in listed["reviews"]
            if candidate["operation_id"] in self._genuine and not left(candidate["id"])
        ]
        for review in ours:
            await self._decide(session, review["id"])
        return len(ours)

    async def _decide(self, session: aiohttp.ClientSession, review: str) -> None:
        path = f"reviews/{review}"
        for email in OPERATORS[:2]:
            seen = await self._call(session, "GET", path, email)
            if seen["status"] != "open":
                return
            verdict = "approve" if self._genuine[seen["operation_id"]] else "reject"
            body = {"reason": seen["reasons"][verdict][0], "revision": seen["revision"]}
            decided = await self._call(session, "POST", f"{path}/{verdict}", email, body)
            if decided["status"] != "open":
                self.decided += 1
                return

    async def _call(
        self, session: aiohttp.ClientSession, method: str, path: str, email: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        headers = {"authorization": f"Bearer {self._tokens[email]}"}
        async with session.request(
            method, f"{self._url}/v1/{path}", json=body, headers=headers, raise_for_status=True
        ) as answer:
            return await answer.json()


def left(review: str) -> bool:
    """Whether the review with that id is left open."""
    return zlib.crc32(review.encode()) % _LEFT == 0
