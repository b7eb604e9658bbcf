"""One server as an operating system process: in a group of its own, watched, revived when it dies, stopped whole.

gunicorn forks, so whatever is done to a server is done to its process group.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from local.stack.http_listener import HOST, bind
from shared.errors import Misconfigured, Unavailable

ROOT = Path(__file__).resolve().parents[2]

READY_WITHIN = 60.0
STOPPED_WITHIN = 3.0

_POLL = 0.03
_FIRST_BACKOFF, _LAST_BACKOFF, _SETTLED = 0.1, 5.0, 10.0
_LAST_LINES = 15


class ProcessReaper:
    """The watcher of `local/stack/process_reaper.py`, one for all groups of a stack."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(ROOT / "local" / "stack" / "process_reaper.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def report(self, sign: str, group: int) -> None:
        """Say that a group has started (`+`) or ended (`-`)."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError, ValueError):
                self._process.stdin.write(f"{sign}{group}\n")
                self._process.stdin.flush()

    def close(self) -> None:
        """Let it end."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()


def framework(function: str, source: Path, port: int) -> list[str]:
    """The command that serves a function under functions-framework."""
    command = [sys.executable, "-m", "functions_framework", "--target", function, "--source", str(source)]
    return [*command, "--host", HOST, "--port", str(port)]


async def speaks_http(port: int, deadline: float) -> bool:
    """Whether HTTP is spoken on `port`: gunicorn listens before its worker serves, so a connection says little."""
    writer = None
    try:
        async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return (await reader.readline()).startswith(b"HTTP/")
    except (OSError, TimeoutError):
        return False
    finally:
        if writer is not None:
            writer.close()


async def listens(port: int, deadline: float) -> bool:
    """Whether connections are taken on `port`, by what speaks something else than HTTP."""
    try:
        async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
            _, writer = await asyncio.open_connection(HOST, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


@dataclass(slots=True)
class ServerProcess:
    """The server that `command` runs on `port`. `ready` is set while it serves, as `answers` checks; `restarts` counts
    how often it was started again after it died.

    With `logs` its output is kept there: `NAME.jsonl` as it was written, `NAME.stderr.log` for people.
    """

    name: str
    command: Sequence[str]
    port: int
    environment: Mapping[str, str]
    reaper: ProcessReaper
    logs: Path | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    ready_within: float = READY_WITHIN
    answers: Callable[[int, float], Awaitable[bool]] = speaks_http
    restarts: int = 0
    _spawning: asyncio.Future[asyncio.subprocess.Process] | None = None
    _watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it, wait until it serves; raises `Misconfigured` for a taken port, `Unavailable` if it is not ready."""
        process = await self._spawn()
        await self._until_ready(process)
        self._watcher = asyncio.create_task(self._watch(process), name=f"watch {self.name}")

    async def stop(self) -> None:
        """Ask the whole group to end, and end it if it does not in time."""
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        if self._spawning is None:
            return
        process = await self._spawning
        self.ready.clear()
        _signal(process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOPPED_WITHIN)
        await self._reap(process)

    async def kill(self) -> None:
        """Kill the whole group at once, as when an instance is lost."""
        if self._spawning is not None:
            _signal((await self._spawning).pid, signal.SIGKILL)

    async def _spawn(self) -> asyncio.subprocess.Process:
        bind(self.port, self.name).close()
        with self._output("jsonl") as out, self._output("stderr.log") as errors:
            self._spawning = asyncio.ensure_future(
                asyncio.create_subprocess_exec(
                    *self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, cwd=ROOT,
                    env=dict(self.environment), start_new_session=True,
                )
            )  # fmt: skip
            process = await asyncio.shield(self._spawning)  # cancelled or not, what was started must be known
        self.reaper.report("+", process.pid)
        return process

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        deadline = time.monotonic() + self.ready_within
        while not await self.answers(self.port, deadline):
            ended = process.returncode is not None
            if ended or time.monotonic() >= deadline:
                problem = (
                    f"ended with status {process.returncode}" if ended else f"did not answer in {self.ready_within:g} s"
                )
                raise Unavailable(f"{self.name} did not get ready: it {problem}{self._last_output()}")
            await asyncio.sleep(_POLL)
        self.ready.set()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        backoff, since = _FIRST_BACKOFF, time.monotonic()
        while True:
            await process.wait()
            self.ready.clear()
            await self._reap(process)
            backoff = _FIRST_BACKOFF if time.monotonic() - since > _SETTLED else min(backoff * 2, _LAST_BACKOFF)
            await asyncio.sleep(backoff)
            self.restarts += 1
            since = time.monotonic()
            try:
                process = await self._spawn()
                await self._until_ready(process)
            except (Unavailable, Misconfigured):  # its own words are in its log; the next try is due
                _signal(process.pid, signal.SIGKILL)

    async def _reap(self, process: asyncio.subprocess.Process) -> None:
        _signal(process.pid, signal.SIGKILL)  # a worker may outlive its master
        await process.wait()
        self.reaper.report("-", process.pid)

    def _output(self, kind: str) -> IO[bytes]:
        return Path(os.devnull).open("wb") if self.logs is None else (self.logs / f"{self.name}.{kind}").open("ab")

    def _last_output(self) -> str:
        if self.logs is None:
            return ""
        lines = (self.logs / f"{self.name}.stderr.log").read_text("utf-8", "replace").splitlines()[-_LAST_LINES:]
        return ". It said:\n" + "\n".join(f"  {line}" for line in lines) if lines else " and said nothing"


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
