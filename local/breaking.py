"""Fault injection: breaks a service of the bank or of a vendor for a while, by its stand-in's switches."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

LASTS = 8.0
"""The least seconds that a fault lasts."""

_LOOK_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Break:
    """Which stand-in, after how many transactions, and the preset of switches that says how."""

    name: str
    after: int
    how: str = "down"


@dataclass(slots=True)
class Breaking:
    """Breaks stand-ins, whose addresses are `urls` by name, for `lasts` seconds at least and until a command or message
    had to wait; `waits` counts those that have.
    """

    urls: Mapping[str, str]
    waits: Callable[[], int]
    lasts: float = LASTS
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _running: list["asyncio.Task[None]"] = field(default_factory=list)

    def begin(self, breaks: Break) -> None:
        """Break a stand-in now; a task of its own restores it."""
        self._running.append(asyncio.create_task(self._run(breaks), name=f"break {breaks.name}"))

    async def over(self) -> None:
        """Restore every stand-in as soon as its fault has lasted its least time; returns when all are restored."""
        self._over.set()
        await asyncio.gather(*self._running)

    async def _run(self, breaks: Break) -> None:
        before = self.waits()
        try:
            await self._switch(breaks.name, breaks.how)
            await asyncio.sleep(self.lasts)
            while self.waits() == before and not self._over.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), _LOOK_EVERY)
        finally:
            await self._switch(breaks.name, "well")

    async def _switch(self, name: str, preset: str) -> None:
        url = f"{self.urls[name]}/_switches/{preset}"
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.post(url, allow_redirects=False) as answer,
        ):
            await answer.read()
