"""Active versions looked up by a name that a stranger chose (a path segment), without letting the stranger cause a
read each time.

All unknown names together cost at most one read of the index an interval, so one published later is found within it.
As long as the store has not answered, the interval is a second.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

from shared.catalogue.active import COLD_INTERVAL, INTERVAL, Active, Refreshed
from shared.catalogue.versions import CODECS, index_key, valid_name
from shared.deadline import Deadline
from shared.errors import NotFound, SlackerError, Unavailable
from shared.storage.documents import Documents

T = TypeVar("T")


class Current(NamedTuple, Generic[T]):
    """The version in force, and what to log of reading it. `due`: whoever gets this looks again (`Active.refresh`, or
    `Active.apply` of the pointer read along with other documents), beside what else it does and before it answers.
    """

    active: Active[T]
    refreshed: Refreshed
    due: bool


class ActiveVersions(Generic[T]):
    """What is active in one collection. `bundled` gives, by name, the content deployed with the code."""

    def __init__(
        self,
        collection: str,
        parse: Callable[[Mapping[str, Any]], T],
        bundled: Mapping[str, Callable[[], Mapping[str, Any]]] | None = None,
        interval: float = INTERVAL,
    ) -> None:
        self._collection = collection
        self._parse = parse
        self._bundled = bundled or {}
        self._interval = interval
        self._actives = {name: self._active(name) for name in self._bundled}
        self._index_read = False  # whether the index could be read once
        self._due = float("-inf")
        self._looking = asyncio.Lock()

    async def everything(self, documents: Documents, deadline: Deadline, now: float) -> list[T]:
        """All that is in force, in order of name, as far as the store tells before `deadline`."""
        with suppress(SlackerError):
            await self._look(documents, deadline, now)
        values = []
        for name in sorted(self._actives):
            with suppress(SlackerError):
                values.append((await self.find(name, documents, deadline, now))[0].value)
        return values

    async def current(self, name: str, documents: Documents, deadline: Deadline, now: float) -> Current[T]:
        """What is active under `name`, from memory unless it was never read; raises what `find` does."""
        active = self._actives.get(name)
        if active is not None and active.ready:
            return Current(active, Refreshed(), due=active.due(now))
        return Current(*await self.find(name, documents, deadline, now), due=False)

    async def find(
        self, name: str, documents: Documents, deadline: Deadline, now: float
    ) -> tuple[Active[T], Refreshed]:
        """What is active under `name`, read from the store unless it was before, and what to log.

        Raises `NotFound` for a name that is not active, `Unavailable` where the store cannot say and no copy was
        deployed.
        """
        if name not in self._actives and valid_name(name):
            await self._look(documents, deadline, now)
        active = self._actives.get(name)
        if active is None:
            raise NotFound(f"{self._collection} has nothing under this name")
        refreshed = Refreshed()
        if not active.ready and active.due(now):
            refreshed = await active.refresh(documents, deadline, now)
        if active.ready:
            return active, refreshed
        if active.absent:
            raise NotFound(f"{self._collection} has no active {name}")
        raise Unavailable(f"{self._collection}/{name} could not be loaded")

    async def _look(self, documents: Documents, deadline: Deadline, now: float) -> None:
        """Read which names there are, at most once an interval."""
        try:
            async with deadline.timeout(), self._looking:
                if now < self._due:
                    return self._answerable()
                self._due = now + (self._interval if self._index_read else COLD_INTERVAL)
                [document] = await documents.read([index_key(self._collection)], deadline)
        except TimeoutError as error:
            raise Unavailable(f"the names in {self._collection} could not be read in time") from error
        names = CODECS[self._collection].indexes.decode(document).newest if document else {}
        for name in names:
            if name not in self._actives:
                self._actives[name] = self._active(name)
        self._index_read = True
        self._due = now + self._interval
        return None

    def _answerable(self) -> None:
        if not self._index_read:
            raise Unavailable(f"the names in {self._collection} could not be read")

    def _active(self, name: str) -> Active[T]:
        return Active(self._collection, name, self._parse, self._bundled.get(name), self._interval)
