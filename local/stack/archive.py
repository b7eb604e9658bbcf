"""Writes the archive as a Cloud Storage subscription does: whole files only, each of so many messages or seconds.

A file that still grows has the suffix `.part`, which readers ignore, and loses it when it is complete. Archived bytes
are with the operating system, so `kill -9` loses nothing; a file that was left unfinished is completed, up to its last
whole block, by the next archive that opens the folder.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from shared.errors import Malformed, Unavailable
from shared.messaging import archive
from shared.messaging.messages import Delivery

_GROWING = ".part"
_MOMENT = 0.1  # seconds in which messages are collected: a block costs a millisecond, whatever its size


@dataclass(frozen=True, slots=True)
class Limits:
    """A file is complete after so many messages (Google's minimum is 1,000) or seconds (60 to 600 there)."""

    messages: int = 10_000
    seconds: float = 10.0


@dataclass(slots=True)
class _Growing:
    path: Path
    timer: asyncio.TimerHandle
    messages: int = 0


class Archive:
    """A sink of the broker: files in `{folder}/{topic}/`, their names in order of time. Belongs to one event loop."""

    def __init__(
        self, folder: Path, limits: Limits | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._folder = folder
        self._limits = limits or Limits()
        self._clock = clock
        self._growing: dict[str, _Growing] = {}
        self._waiting: list[Delivery] = []
        self._appending: asyncio.Task[None] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"*/*{_GROWING}"):
            _finish_left(left)

    async def __call__(self, deliveries: Sequence[Delivery]) -> None:
        """Append `deliveries`, with all others of the next 0.1 s. Raises `Unavailable` where the disk fails; some may
        have been written then.
        """
        self._waiting += deliveries
        if self._appending is None:
            self._appending = asyncio.create_task(self._append_soon())
        await asyncio.shield(self._appending)

    async def close(self) -> None:
        """Finish every file."""
        for topic in list(self._growing):
            self._finish(topic)

    async def _append_soon(self) -> None:
        await asyncio.sleep(_MOMENT)
        waiting, self._waiting, self._appending = self._waiting, [], None
        by_topic: dict[str, list[Delivery]] = {}
        for delivery in waiting:
            by_topic.setdefault(archive.topic_of(delivery), []).append(delivery)
        try:
            for topic, deliveries in by_topic.items():
                self._append(topic, deliveries)
        except OSError as error:
            raise Unavailable("the archive cannot be written") from error

    def _append(self, topic: str, deliveries: Sequence[Delivery]) -> None:
        growing = self._growing.get(topic) or self._begin(topic)
        with _part(growing.path).open("a+b") as file:
            archive.append(file, deliveries)
        growing.messages += len(deliveries)
        if growing.messages >= self._limits.messages:
            self._finish(topic)

    def _begin(self, topic: str) -> _Growing:
        path = self._folder / topic / f"{self._clock():%Y-%m-%dT%H:%M:%S.%f}_{uuid4().hex}{archive.SUFFIX}"
        path.parent.mkdir(exist_ok=True)
        timer = asyncio.get_running_loop().call_later(self._limits.seconds, self._finish, topic)
        growing = self._growing[topic] = _Growing(path, timer)
        return growing

    def _finish(self, topic: str) -> None:
        growing = self._growing.pop(topic)
        growing.timer.cancel()
        _part(growing.path).replace(growing.path)


def _part(path: Path) -> Path:
    return path.with_name(path.name + _GROWING)


def _finish_left(left: Path) -> None:
    """Complete a file that was left unfinished; one whose last block is torn is rewritten without it."""
    whole: list[Delivery] = []
    path = left.with_name(left.name.removesuffix(_GROWING))
    try:
        with left.open("rb") as file:
            for delivery in archive.read(file):
                whole.append(delivery)  # noqa: PERF402 - what was read before the tear is kept
    except Malformed:
        mended = left.with_name(left.name + ".mended")
        with mended.open("w+b") as file:
            archive.append(file, whole)
        mended.replace(path)
        left.unlink()
    else:
        left.replace(path)
