"""Functions under functions-framework as deployed: own process, one worker, one core; the load has the other."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from local.stack.http_listener import free_ports

ROOT = Path(__file__).resolve().parent.parent

_READY_SECONDS = 20.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Function:
    """A function to serve. `requests` are what it is asked in turn, without end, each answered with 200 or 204.

    Every answer has to contain what is `expected`.
    """

    target: str
    source: Path
    requests: Iterator[bytes]
    environment: Mapping[str, str] = field(default_factory=dict)
    expected: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """A running function. `first_answer` is in seconds from process start to the answer of the first request."""

    port: int
    first_answer: float
    output: IO[bytes]

    def printed(self) -> str:
        """What the function has printed so far."""
        return _printed(self.output)


class NotReady(Exception):
    """A function did not answer in time; says what it printed last."""


def cores() -> tuple[int, int]:
    """The servers' core and the load's: two different ones where the machine has them."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[-1], allowed[0]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run this process, and what it starts meanwhile, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def serve(function: Function, *options: str) -> Iterator[Server]:
    """A function, once it has answered its first request with 200; always stopped, with its children.

    `options` are the interpreter's.
    """
    [port] = free_ports(1)
    command = [sys.executable, *options, "-m", "functions_framework", "--target", function.target]
    command += ["--source", str(function.source), "--host", "127.0.0.1", "--port", str(port)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **function.environment}
    request = next(function.requests)
    with tempfile.TemporaryFile() as output:  # a log line costs its write here too
        with on_core(cores()[0]):
            started = time.perf_counter()
            process = subprocess.Popen(
                command, env=variables, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            failure = _until_answer(port, request, process)
            if failure:
                raise NotReady(f"{function.target} {failure}\n{_printed(output)[-4000:]}")
            yield Server(port, time.perf_counter() - started, output)
        finally:
            stop(process)


def _printed(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode(errors="replace")


def _until_answer(port: int, request: bytes, process: "subprocess.Popen[bytes]") -> str:
    """Send `request` as soon as the function listens; what went wrong, or an empty text after an answer of 200."""
    deadline = time.perf_counter() + _READY_SECONDS
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            return f"ended with code {process.returncode}"
        try:
            status, body = _ask(port, request)
        except ConnectionRefusedError:
            time.sleep(0.001)
        except OSError as error:
            return f"did not answer: {error}"
        else:
            if status in (http.client.OK, http.client.NO_CONTENT):
                return ""
            if status != http.client.SERVICE_UNAVAILABLE:  # which a busy machine may get at first
                return f"answered {status}: {body[:1000].decode(errors='replace')}"
    return f"did not answer within {_READY_SECONDS:g} s"


def _ask(port: int, request: bytes) -> tuple[int, bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=_READY_SECONDS) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.read()


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End the process group: its leader is the server's master, its worker is in it."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, ending)
        except ProcessLookupError:
            break
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
