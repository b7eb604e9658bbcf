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
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_READY_SECONDS = 20.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running function. `first_answer` is in seconds from process start to the answer of the first request."""

    port: int
    first_answer: float


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
def serve(source: Path, target: str, request: bytes, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The function `target` of `source`, once it has answered `request` with 200; always stopped, with its children."""
    port = _free_port()
    command = [sys.executable, "-m", "functions_framework", "--target", target, "--source", str(source)]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    with tempfile.TemporaryFile() as output:  # a log line costs its write here too
        started = time.perf_counter()
        with on_core(cores()[0]):
            process = subprocess.Popen(
                command, env=variables, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            _await_answer(port, request, process)
            yield Server(port, time.perf_counter() - started)
        except NotReady as error:
            output.seek(0)
            raise NotReady(f"{target}: {error}\n{output.read()[-4000:].decode(errors='replace')}") from None
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _await_answer(port: int, request: bytes, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.perf_counter() + _READY_SECONDS
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise NotReady(f"ended with code {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=_READY_SECONDS) as connection:
                connection.sendall(request)
                response = http.client.HTTPResponse(connection)
                response.begin()
                body = response.read()
        except ConnectionRefusedError:
            time.sleep(0.001)
            continue
        except OSError as error:
            raise NotReady(f"no answer: {error}") from error
        if response.status != http.client.OK:
            raise NotReady(f"answered {response.status}: {body[:1000].decode(errors='replace')}")
        return
    raise NotReady(f"did not listen within {_READY_SECONDS:g} s")


def _stop(process: "subprocess.Popen[bytes]") -> None:
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
