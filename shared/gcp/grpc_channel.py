"""One gRPC channel to one Google API, opened by the first call; failed calls are repeated, or raise our errors.

The messages are Google's, the calls go straight to the channel: the generated asynchronous client adds a wrapper per
message and a task per call, and took 380 µs of CPU for a Firestore commit that takes 170 so (a read 700 against 500).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import google.auth
import google.auth.exceptions
import msgspec
from google.api_core import grpc_helpers_async
from grpc import StatusCode, aio

from shared.backoff import backoff
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, SlackerError, Unavailable

T = TypeVar("T")

Message = Any
"""A protobuf message: its class is made at run time, so the type checker knows nothing of it."""

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # gRPC waits up to two minutes before it tries to connect again: too long for a store that was away for a second.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.min_reconnect_backoff_ms", 5000),  # despite its name the time that connecting may take
)
_ATTEMPTS = 3
_FIRST_PAUSE = 0.010  # seconds at most; the next is four times as long


class Method(msgspec.Struct, frozen=True):
    """One method: `again` are the statuses after which it may be repeated, `errors` the error that a status becomes.

    Every other status is `DeadlineExceeded` or `Unavailable`.
    """

    path: str
    response: Message
    again: frozenset[StatusCode]
    errors: Mapping[StatusCode, Callable[[str], SlackerError]] = msgspec.field(default_factory=dict)


class Channel:
    """A channel to `host` under the default credentials, or to an emulator at `emulator` (host:port) under none.

    It belongs to the event loop of the first call. `routing` is the parameter that Google routes requests by, unless a
    call has its own.
    """

    def __init__(self, host: str, routing: str = "", emulator: str = "") -> None:
        self._host = host
        self._emulator = emulator
        self._routing = routing
        self._opening: asyncio.Task[aio.Channel] | None = None
        self._channel: aio.Channel | None = None

    async def unary(self, method: Method, request: Message, deadline: Deadline, routing: str = "") -> Message:
        """The response to `request`; raises as `method` says."""
        channel = await self._open(deadline)
        call = channel.unary_unary(method.path, type(request).SerializeToString, method.response.FromString)
        metadata = self._metadata(routing or self._routing)

        async def attempt(seconds: float) -> Message:
            return await call(request, timeout=seconds, metadata=metadata)

        return await _repeated(attempt, method, deadline)

    async def stream(self, method: Method, request: Message, deadline: Deadline) -> list[Message]:
        """All the responses to `request`; raises as `method` says."""
        channel = await self._open(deadline)
        call = channel.unary_stream(method.path, type(request).SerializeToString, method.response.FromString)
        metadata = self._metadata(self._routing)

        async def attempt(seconds: float) -> list[Message]:
            return [message async for message in call(request, timeout=seconds, metadata=metadata)]

        return await _repeated(attempt, method, deadline)

    async def close(self) -> None:
        """Close the channel; a later call opens it anew."""
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    def _metadata(self, routing: str) -> list[tuple[str, str]]:
        # An emulator's administrator is its owner.
        owner = [("authorization", "Bearer owner")] if self._emulator else []
        return [("x-goog-request-params", routing), *owner]

    async def _open(self, deadline: Deadline) -> aio.Channel:
        return self._channel or await self._first(deadline)

    async def _first(self, deadline: Deadline) -> aio.Channel:
        """The channel, opened once for all calls that wait for it: one that takes longer is there for the next."""
        opening = self._opening = self._opening or asyncio.ensure_future(self._connected())
        try:
            async with deadline.timeout():
                await asyncio.wait((opening,))
        except TimeoutError as error:
            raise DeadlineExceeded(f"no time was left to connect to {self._host}") from error
        if self._opening is opening:
            self._opening = None  # a failure is tried again by the next call
            if opening.exception() is None:
                self._channel = opening.result()
        return opening.result()

    async def _connected(self) -> aio.Channel:
        if self._emulator:
            return aio.insecure_channel(self._emulator, options=_OPTIONS)
        try:
            # In a thread, since it may ask the metadata server, and waits for it.
            credentials, _ = await asyncio.to_thread(google.auth.default, scopes=_SCOPES)
        except google.auth.exceptions.GoogleAuthError as error:
            # Not `Misconfigured`: where there is a metadata server, it may just have been away.
            raise Unavailable("no Google credentials: set GOOGLE_APPLICATION_CREDENTIALS") from error
        channel: aio.Channel = grpc_helpers_async.create_channel(
            f"{self._host}:443", credentials=credentials, options=_OPTIONS
        )
        return channel


async def _repeated(attempt: Callable[[float], Awaitable[T]], method: Method, deadline: Deadline) -> T:
    waits = backoff(_FIRST_PAUSE, growth=4)
    for left in reversed(range(_ATTEMPTS)):
        if deadline.passed():
            break
        try:
            return await attempt(deadline.remaining())
        except aio.AioRpcError as error:
            if not left or error.code() not in method.again:
                raise _failure(error, method) from error
        await deadline.sleep(next(waits))
    raise DeadlineExceeded(f"no time was left for {method.path}")


def _failure(error: aio.AioRpcError, method: Method) -> SlackerError:
    """Our error, without the server's text, which may quote ids."""
    code = error.code()
    default = DeadlineExceeded if code is StatusCode.DEADLINE_EXCEEDED else Unavailable
    return method.errors.get(code, default)(f"{method.path} ended in {code.name}")
