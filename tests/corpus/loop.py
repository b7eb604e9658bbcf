"""The loop that a stage runs on, in a thread, and what is to be closed with it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from aiohttp import ClientSession


class PatientLoop(asyncio.SelectorEventLoop):
    """A loop whose time hardly passes, so that no time limit is over because a machine is busy."""

    def time(self) -> float:
        """Seconds, a thousandth of those that pass."""
        return super().time() / 1000


@contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread of its own meanwhile."""
    loop = PatientLoop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def http_sessions() -> Iterator[list[ClientSession]]:
    """The HTTP sessions that are opened meanwhile: services have no end at which they would close theirs."""
    opened: list[ClientSession] = []
    real = ClientSession.__init__

    def recording(session: ClientSession, *arguments: Any, **named: Any) -> None:
        real(session, *arguments, **named)
        opened.append(session)

    with patch.object(ClientSession, "__init__", recording):
        yield opened
