"""The port to where the schemas of messages are registered by number, and what is remembered of its answers.

A number means one schema for ever, so a schema that was found is kept. That there is none, or that the registry does
not answer, is remembered for a moment only: long enough that a burst of such messages is one question, not thousands.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, SlackerError, Transient, UnknownSchema

_REMEMBERED = 1_000
"""Failures at a time: anybody who may publish can name numbers that do not exist."""


Authorization = Callable[[Deadline], Awaitable[str]]
"""Gives what a registry wants to be shown, or an empty text; raises what the secrets port does, or `Misconfigured`."""


class Registry(Protocol):
    """Finds schemas by number."""

    async def schema(self, number: int, deadline: Deadline) -> Any:
        """The schema's JSON, parsed. Raises `UnknownSchema` where there is none of that number, `Invalid` for one that
        is not Avro, `Unavailable` or `DeadlineExceeded` where that cannot be told.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class NoRegistry:
    """For a deployment whose messages name no registry."""

    async def schema(self, number: int, deadline: Deadline) -> Any:  # noqa: ARG002 - the port's
        """Nothing is registered."""
        raise UnknownSchema(f"schema {number} is not known: no registry is set up")

    async def close(self) -> None:
        """Nothing is open."""


class CachedRegistry:
    """Asks `registry` once for what many want, for at most `longest` seconds, and remembers a failure for `moment`."""

    def __init__(self, registry: Registry, longest: float = 2.0, moment: float = 1.0, clock: Clock = SYSTEM) -> None:
        self._registry = registry
        self._longest = longest
        self._moment = moment
        self._clock = clock
        self._found: dict[int, Any] = {}
        self._failed: OrderedDict[int, tuple[float, SlackerError]] = OrderedDict()
        self._asking: dict[int, asyncio.Lock] = {}

    async def schema(self, number: int, deadline: Deadline) -> Any:
        """The schema's JSON, parsed. Raises what the registry raised, or `DeadlineExceeded`."""
        if number in self._found:
            return self._found[number]
        lock = self._asking.setdefault(number, asyncio.Lock())
        try:
            async with deadline.timeout(), lock:
                return await self._once(number, deadline)
        except TimeoutError as error:
            raise DeadlineExceeded(f"no answer about schema {number} within the deadline") from error
        finally:
            if not lock.locked():
                self._asking.pop(number, None)

    async def _once(self, number: int, deadline: Deadline) -> Any:
        if number in self._found:  # while this one waited for its turn
            return self._found[number]
        until, failure = self._failed.get(number, (0.0, None))
        if failure is not None and self._clock.monotonic() < until:
            raise failure.with_traceback(None)
        try:
            self._found[number] = await self._registry.schema(number, deadline.within(self._longest))
        except (Transient, Invalid) as error:
            self._failed.pop(number, None)
            self._failed[number] = (self._clock.monotonic() + self._moment, error)
            if len(self._failed) > _REMEMBERED:
                self._failed.popitem(last=False)
            raise
        self._failed.pop(number, None)
        return self._found[number]

    async def close(self) -> None:
        """Let go of connections."""
        await self._registry.close()
