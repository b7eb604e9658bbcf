"""Breaks a bank's service or a vendor for a while, as its stand-in's switches can."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

LASTS = 8.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Break:
    """Which stand-in, after how many transactions, and the preset of switches that says how."""

    name: str
    after: int
    how: str = "down"


@dataclass(slots=True)
class Breaking:
    """Breaks stand-ins; `url` gives the address of one. `done` lists what was broken."""

    url: Callable[[str], str]
    lasts: float = LASTS
    done: list[Break] = field(default_factory=list)
    _running: list["asyncio.Task[None]"] = field(default_factory=list)

    def begin(self, breaks: Break) -> None:
        """Break it now, and mend it later."""
        self.done.append(breaks)
        self._running.append(asyncio.create_task(self._run(breaks), name=f"break {breaks.name}"))

    async def over(self) -> None:
        """Wait until all is mended."""
        await asyncio.gather(*self._running)

    async def _run(self, breaks: Break) -> None:
        try:
            await self._switch(breaks.name, breaks.how)
            await asyncio.sleep(self.lasts)
        finally:
            await self._switch(breaks.name, "well")

    async def _switch(self, name: str, preset: str) -> None:
        url = f"{self.url(name)}/_switches/{preset}"
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.post(url, allow_redirects=False) as answer,
        ):
            await answer.read()
