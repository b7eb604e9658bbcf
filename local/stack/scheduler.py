"""Plays Cloud Scheduler: calls `scheduled_work` every few seconds, whatever it answers.

Calls do not overlap: Cloud Scheduler does not start a job that still runs.
"""

import asyncio
import time
from contextlib import suppress

import aiohttp

from local.stack.accounts import SCHEDULER
from local.stack.tokens import Tokens

EVERY = 2.0
"""Seconds between calls; in the cloud it is a minute."""

_WITHIN = 60.0  # seconds for one call
_TOKEN_FOR = 1800.0


class Scheduler:
    """Calls the function at `url`; `calls` counts the answers that said 200."""

    def __init__(self, url: str, tokens: Tokens, every: float = EVERY) -> None:
        self._url = url
        self._tokens = tokens
        self._every = every
        self._task: asyncio.Task[None] | None = None
        self.calls = 0

    def start(self) -> None:
        """Keep calling until stopped."""
        self._task = asyncio.create_task(self._run(), name="clock")

    async def stop(self) -> None:
        """Stop, even in the middle of a call: `scheduled_work` may be interrupted anywhere."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        headers, until = {}, 0.0
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN)) as session:
            while True:
                if time.monotonic() > until:
                    headers = {"authorization": f"Bearer {self._tokens.sign(SCHEDULER, self._url, time.time())}"}
                    until = time.monotonic() + _TOKEN_FOR
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with session.post(self._url, headers=headers) as answer:
                        self.calls += answer.status == 200
                await asyncio.sleep(self._every)
