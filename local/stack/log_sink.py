"""Plays the log sink of the decision log: what functions write to their standard output reaches the topic `decisions`.

The sink's filter is `jsonPayload.kind="answer"`: one line per answer that was given. A line that is not whole yet is
read when it is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from shared.errors import Transient
from shared.events.receiver import DECISIONS
from shared.messaging.messages import Message

_FILTER = b'"kind":"answer"'
_EVERY = 0.05  # seconds
_PIECE = 4_000_000  # bytes

Publish = Callable[[str, Sequence[Message]], Awaitable[None]]


class LogSink:
    """Reads `files` from their present end on, and publishes the lines that pass the filter."""

    def __init__(self, files: Sequence[Path], publish: Publish) -> None:
        self._read = {file: file.stat().st_size if file.exists() else 0 for file in files}
        self._publish = publish
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Keep reading until stopped."""
        self._task = asyncio.create_task(self._run(), name="log sink")

    async def stop(self) -> None:
        """Read what is left, and stop."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            with suppress(Transient):
                await self.drain()

    async def drain(self) -> None:
        """Publish every line written so far; raises what the publisher does, and then reads them again."""
        async with self._turn:
            for file, start in self._read.items():
                await self._drain(file, start)

    async def _run(self) -> None:
        while True:
            with suppress(Transient):
                await self.drain()
            await asyncio.sleep(_EVERY)

    async def _drain(self, file: Path, start: int) -> None:
        while True:
            content = _from(file, start)
            end = content.rfind(b"\n") + 1
            if not end:
                return
            lines = [line for line in content[:end].split(b"\n") if _FILTER in line]
            if lines:
                await self._publish(DECISIONS, [Message(line) for line in lines])
            start += end
            self._read[file] = start


def _from(file: Path, start: int) -> bytes:
    try:
        with file.open("rb") as opened:
            opened.seek(start)
            return opened.read(_PIECE)
    except FileNotFoundError:
        return b""
