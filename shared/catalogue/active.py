"""What a function holds of a name: the compiled active version, looked at again at most every `interval`, inside a
request.

Whatever goes wrong (the store down or late, a version that does not parse) the last good one stays, or on a cold
instance the copy deployed with the code; the caller learns what to log and the next attempt is not made before the
interval is over, or a second as long as the store has not answered at all: that copy may be old, or there is none.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from shared.catalogue.versions import BUNDLED, CODECS, label, pointer_key, version_key
from shared.deadline import Deadline
from shared.errors import NotFound, SlackerError, Transient, Unavailable
from shared.storage.documents import Document, Documents, Key

T = TypeVar("T")

INTERVAL = 10.0
"""Seconds after which a published version is in force everywhere."""

COLD_INTERVAL = 1.0
"""Seconds between two looks of an instance that the store has not answered yet."""


class Refreshed(msgspec.Struct, frozen=True):
    """What looking again led to: whether another version is in force now, and what to log as an error if anything."""

    changed: bool = False
    problem: str | None = None


class Active(Generic[T]):
    """The active version of one name. `parse` builds what is held from a version's content, once per version.

    `bundled` gives the content deployed with the code; it is read and parsed only if the store gave nothing.
    Instants are seconds of a monotonic clock.
    """

    def __init__(
        self,
        collection: str,
        name: str,
        parse: Callable[[Mapping[str, Any]], T],
        bundled: Callable[[], Mapping[str, Any]] | None = None,
        interval: float = INTERVAL,
    ) -> None:
        self._collection = collection
        self._name = name
        self._parse = parse
        self._bundled = bundled
        self._interval = interval
        self._due = float("-inf")
        self._loaded: tuple[int, T] | None = None
        self._seen = ""  # the pointer document's version that was last followed to its end
        self._absent = False
        self._looked = False
        self._answered = False
        self._loading = asyncio.Lock()

    @property
    def value(self) -> T:
        """What is in force. Raises `NotFound` where the store gave nothing and no copy was deployed."""
        if self._loaded is None:
            if self._bundled is None:
                raise NotFound(f"{self._collection} has no active {self._name}")
            self._loaded = (BUNDLED, self._parse(self._bundled()))
        return self._loaded[1]

    @property
    def version(self) -> int:
        """The number of the version in force, 0 for the deployed copy."""
        return self._loaded[0] if self._loaded else BUNDLED

    @property
    def label(self) -> str:
        """`transaction@3`, or `transaction@bundled`."""
        return label(self._name, self.version)

    @property
    def ready(self) -> bool:
        """Whether the first look is over and left something to hold: from here on looking again can ride along."""
        return self._looked and (self._loaded is not None or self._bundled is not None)

    @property
    def absent(self) -> bool:
        """Whether the store said that nothing is active under this name."""
        return self._absent

    def due(self, now: float) -> bool:
        """Whether the caller has to look again, and does so with this very request.

        One of several concurrent callers gets True, the others go on with what is held. On a cold instance all of
        them do until the first look is over: what the store says is worth a wait, and their reads are batched with
        others anyway.
        """
        if now < self._due:
            return False
        if self._looked:
            self._due = now + self._interval
        return True

    def pointer_key(self) -> Key:
        """The document to read along with others when `due`, and to hand to `take`."""
        return pointer_key(self._collection, self._name)

    async def refresh(self, documents: Documents, deadline: Deadline, now: float) -> Refreshed:
        """Read the pointer, then `take` it."""
        try:
            [pointer] = await documents.read([self.pointer_key()], deadline)
        except SlackerError as error:
            return self.failed(now, str(error))
        return await self.apply(pointer, documents, deadline, now)

    async def apply(self, pointer: Document | None, documents: Documents, deadline: Deadline, now: float) -> Refreshed:
        """Put in force what `pointer` names, reading that version unless it is held already. Never raises."""
        self._absent = pointer is None
        if pointer is None:
            return self._nothing_published(now)
        if pointer.version == self._seen:
            return self._settled(now)
        try:
            async with deadline.timeout(), self._loading:
                return await self._follow(pointer, documents, deadline, now)
        except TimeoutError:
            return self.failed(now, f"{self._collection}/{self._name} could not be loaded in time")
        except Exception as error:  # noqa: BLE001 - whatever a published content does to `parse`, the function goes on
            self._answered |= not isinstance(error, Transient)
            return self.failed(now, _log_text(error))

    async def _follow(self, pointer: Document, documents: Documents, deadline: Deadline, now: float) -> Refreshed:
        if pointer.version == self._seen:  # another request got here first
            return self._settled(now)
        number = CODECS[self._collection].activations.decode(pointer).active
        changed = self._loaded is None or self._loaded[0] != number
        if changed:
            self._loaded = (number, self._parse(await self._content(number, documents, deadline)))
        self._seen = pointer.version
        return self._settled(now, changed)

    async def _content(self, number: int, documents: Documents, deadline: Deadline) -> Mapping[str, Any]:
        [document] = await documents.read([version_key(self._collection, self._name, number)], deadline)
        if document is None:
            raise Unavailable(f"{self._collection} has no {label(self._name, number)}")
        return CODECS[self._collection].versions.decode(document).content

    def failed(self, now: float, reason: str) -> Refreshed:
        """Note that looking failed, for instance the read that carried `pointer_key`: next time after the interval."""
        self._looked = True
        self._due = now + (self._interval if self._answered else COLD_INTERVAL)
        stays = self._loaded is not None or self._bundled is not None
        return Refreshed(problem=f"{reason}; {self.label} stays in force" if stays else reason)

    def _nothing_published(self, now: float) -> Refreshed:
        """The deployed copy serves as long as nothing is published: nothing to tell, unless there was something."""
        self._answered = True
        failure = self.failed(now, f"{self._collection} has no active {self._name}")
        return Refreshed() if self._bundled is not None and self.version == BUNDLED else failure

    def _settled(self, now: float, changed: bool = False) -> Refreshed:
        self._looked = self._answered = True
        self._due = now + self._interval
        return Refreshed(changed)


def _log_text(error: Exception) -> str:
    """A problem for the log. Only our own errors are quoted: they name fields, not values."""
    return str(error) if isinstance(error, SlackerError) else f"the version does not parse: {type(error).__name__}"
