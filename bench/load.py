"""A load of HTTP/1.1 requests over kept-alive connections, one request at a time on each, as a bank's services would.

Requests are ready-made bytes and responses are only cut and counted, so that this on one core outruns a server on
another.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import cast

import uvloop

_CONTENT_LENGTH = b"content-length: "
_EMPTY = b"HTTP/1.1 204"
_OK = (b"HTTP/1.1 200", _EMPTY)


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: `latencies` in seconds, ascending; `failed` are the answers that were not as expected."""

    seconds: float
    latencies: list[float]
    failed: list[bytes]

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, part: float) -> float:
        """The latency in seconds that `part` (0 to 1) of the requests did not exceed."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * part))]


def post(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """The bytes of a POST of JSON."""
    lines = [f"POST {path} HTTP/1.1", "host: localhost", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


def run(
    port: int, requests: Iterator[bytes], *, connections: int, seconds: float, expected: tuple[bytes, ...] = ()
) -> Load:
    """Send `requests` to 127.0.0.1 for `seconds`; an answer has to be 200 or 204 and to contain what is `expected`.

    Raises `ConnectionError` or `TimeoutError` if the server stops answering.
    """
    return uvloop.run(
        _run(port, partial(_Client, requests, time.perf_counter() + seconds, expected), connections, seconds)
    )


async def _run(port: int, client: "Callable[[], _Client]", connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    connected = await asyncio.gather(*(loop.create_connection(client, "127.0.0.1", port) for _ in range(connections)))
    clients = [protocol for _, protocol in connected]
    async with asyncio.timeout(seconds + 10):
        await asyncio.gather(*(client.done for client in clients))
    elapsed = time.perf_counter() - started
    latencies = sorted(latency for client in clients for latency in client.latencies)
    return Load(elapsed, latencies, [answer for client in clients for answer in client.failed])


class _Client(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the one before is complete."""

    def __init__(self, requests: Iterator[bytes], until: float, expected: tuple[bytes, ...]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.failed: list[bytes] = []
        self._requests = requests
        self._until = until
        self._expected = expected
        self._received = b""
        self._sent = 0.0
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's own, of another base class
        self._send(time.perf_counter())

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data
        end_of_head = received.find(b"\r\n\r\n")
        if end_of_head < 0:
            return
        done = received.startswith(_OK)
        length = 0
        if not received.startswith(_EMPTY):
            start = received.index(_CONTENT_LENGTH) + len(_CONTENT_LENGTH)
            length = int(received[start : received.index(b"\r", start)])
        if len(received) < end_of_head + 4 + length:
            return
        now = time.perf_counter()
        self.latencies.append(now - self._sent)
        if not done or any(part not in received for part in self._expected):
            self.failed.append(received)
        self._send(now)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed a connection under load"))

    def _send(self, now: float) -> None:
        if now >= self._until:
            self.done.set_result(None)
            self._transport.close()
            return
        self._received = b""
        self._sent = now
        self._transport.write(next(self._requests))
