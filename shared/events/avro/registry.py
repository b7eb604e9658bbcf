"""The port of the schema registry, where schemas are looked up by number, and a cache for it.

A number means one schema for ever, so a schema is cached for good. A failure is cached for a second only: long enough
that a burst of messages with an unknown number is one request, not thousands.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Invalid, SlackerError, Transient, UnknownSchema

_REMEMBERED = 1_000
"""Failures cached at a time: anybody who may publish can name numbers that do not exist."""


Authorization = Callable[[Deadline], Awaitable[str]]
"""Gives the value of the header `Authorization`, empty for none; raises as the secrets port, or `Misconfigured`."""


class Registry(Protocol):
    """Looks schemas up by number."""

    async def schema(self, number: int, deadline: Deadline) -> Any:
        """The schema's JSON, parsed. Raises `UnknownSchema` where there is none of that number, `Invalid` for one that
        is not Avro, `Unavailable` or `DeadlineExceeded` where the registry does not answer.
        """
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


class NoRegistry:
    """For a deployment whose messages name no registry."""

    async def schema(self, number: int, deadline: Deadline) -> Any:  # noqa: ARG002 - the port's
        """Nothing is registered."""
        raise UnknownSchema(f"schema {number} is not known: no registry is set up")

    async def close(self) -> None:
        """Nothing is open."""


class CachedRegistry:
    """Caches the answers of `registry`; concurrent lookups of a number are one request of at most `longest` seconds.

    A failure is raised again for `moment` seconds before the registry is asked again.
    """

    def __init__(self, registry: Registry, longest: float = 2.0, moment: float = 1.0, clock: Clock = SYSTEM) -> None:
        self._registry = registry
        self._longest = longest
        self._moment = moment
        self._clock = clock
        self._schemas: dict[int, Any] = {}
        self._failed: OrderedDict[int, tuple[float, SlackerError]] = OrderedDict()
        self._asking: dict[int, asyncio.Lock] = {}

    async def schema(self, number: int, deadline: Deadline) -> Any:
        """The schema's JSON, parsed. Raises what the registry raised, or `DeadlineExceeded`."""
        if number in self._schemas:
            return self._schemas[number]
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
        if number in self._schemas:  # while this one waited for its turn
            return self._schemas[number]
        until, failure = self._failed.get(number, (0.0, None))
        if failure is not None and self._clock.monotonic() < until:
            raise failure.with_traceback(None)
        try:
            self._schemas[number] = await self._registry.schema(number, deadline.within(self._longest))
        except (Transient, Invalid) as error:
            self._failed.pop(number, None)
            self._failed[number] = (self._clock.monotonic() + self._moment, error)
            if len(self._failed) > _REMEMBERED:
                self._failed.popitem(last=False)
            raise
        self._failed.pop(number, None)
        return self._schemas[number]

    async def close(self) -> None:
        """Close connections."""
        await self._registry.close()
