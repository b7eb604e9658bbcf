"""Fault injection: breaks a service of the bank or of a vendor for a while, by its stand-in's switches."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

MIN_DURATION = 8.0
"""The least seconds that a fault lasts."""

_LOOK_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault to inject: which stand-in, after how many transactions, and the preset of switches that says how."""

    name: str
    after: int
    how: str = "down"


@dataclass(slots=True)
class FaultInjector:
    """Breaks stand-ins, whose addresses are `urls` by name, for `min_duration` seconds at least and until a command or
    message had to wait; `wait_count` counts those that have.
    """

    urls: Mapping[str, str]
    wait_count: Callable[[], int]
    min_duration: float = MIN_DURATION
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _running: list["asyncio.Task[None]"] = field(default_factory=list)

    def inject(self, fault: PlannedFault) -> None:
        """Break a stand-in now; a task of its own restores it."""
        self._running.append(asyncio.create_task(self._run(fault), name=f"break {fault.name}"))

    async def restore_all(self) -> None:
        """Restore every stand-in as soon as its fault has lasted its least time; returns when all are restored."""
        self._over.set()
        await asyncio.gather(*self._running)

    async def _run(self, fault: PlannedFault) -> None:
        before = self.wait_count()
        try:
            await self._switch(fault.name, fault.how)
            await asyncio.sleep(self.min_duration)
            while self.wait_count() == before and not self._over.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), _LOOK_EVERY)
        finally:
            await self._switch(fault.name, "well")

    async def _switch(self, name: str, preset: str) -> None:
        url = f"{self.urls[name]}/_switches/{preset}"
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.post(url, allow_redirects=False) as answer,
        ):
            await answer.read()
