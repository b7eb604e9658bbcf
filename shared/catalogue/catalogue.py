"""How a version becomes active: one person proposes, another approves, anyone on call rolls back; each step is a
compare-and-set.

Approval only goes forward (an older proposal than the active version has to be proposed again), so two approvals at
once end the same whichever comes first. A rollback goes back to an approved version, and done twice it goes back
once: the second one finds that the latest activation was a rollback already.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from shared.catalogue.versions import (
    CODECS,
    Activation,
    Index,
    Version,
    activation_key,
    content_hash,
    index_key,
    label,
    pointer_key,
    valid_name,
    version_key,
)
from shared.deadline import Deadline
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from shared.storage.documents import Document, Documents, Key, Write
from shared.storage.retry import compare_and_set

_TRIES = 20  # each lost race means that somebody else's step was taken; people do not race twenty deep
_PAGE = 20  # versions read at once: some 50 kB each


class Proposed(msgspec.Struct, frozen=True):
    """What a proposal led to; not `created` where the newest version has the same content already."""

    version: Version
    created: bool


class Activated(msgspec.Struct, frozen=True):
    """The activation in force after an approval or a rollback; not `changed` where the step had been taken before."""

    activation: Activation
    changed: bool


class Catalogue:
    """The versions of one collection. Every call may raise `DeadlineExceeded` or `Unavailable` and is safe to do
    again.
    """

    def __init__(self, documents: Documents, collection: str) -> None:
        self._documents = documents
        self.collection = collection
        self._codecs = CODECS[collection]

    async def propose(
        self, name: str, content: Mapping[str, Any], *, by: str, now: datetime, note: str, deadline: Deadline
    ) -> Proposed:
        """Make `content` the next version, not active yet. Raises `Invalid` for a name or a size that cannot be."""
        if not valid_name(name):
            raise Invalid(Problem("/name", "lower case letters, digits and underscores, a letter first, at most 64"))
        if not _person(by):
            raise Invalid(Problem("/by", "who proposes must be named"))
        return await compare_and_set(
            lambda: self._propose(name, dict(content), by, now, note, deadline), deadline, tries=_TRIES
        )

    async def _propose(
        self, name: str, content: dict[str, Any], by: str, now: datetime, note: str, deadline: Deadline
    ) -> Proposed:
        index_document = await self._read(index_key(self.collection), deadline)
        index = self._codecs.indexes.decode(index_document) if index_document else Index()
        newest = index.newest.get(name, 0)
        digest = content_hash(content)
        if newest:
            latest = await self.version(name, newest, deadline)
            if latest.content_hash == digest:
                return Proposed(latest, created=False)
        version = Version(name, newest + 1, content, digest, by, now, note)
        await self._documents.commit(
            [
                self._codecs.versions.create(version_key(self.collection, name, version.version), version),
                self._codecs.indexes.put(
                    index_document, index_key(self.collection), Index({**index.newest, name: version.version})
                ),
            ],
            deadline,
        )
        return Proposed(version, created=True)

    async def approve(
        self, name: str, number: int, *, by: str, now: datetime, deadline: Deadline, note: str = ""
    ) -> Activated:
        """Activate a proposed version.

        Raises `Forbidden` to whoever proposed it, `NotFound` without that version, `Conflict` where a newer one is
        active. An approved version is not approved again: what is active stays so, and `rollback` goes back to an
        older one.
        """
        return await compare_and_set(
            lambda: self._approve(name, number, by, now, note, deadline), deadline, tries=_TRIES
        )

    async def _approve(
        self, name: str, number: int, by: str, now: datetime, note: str, deadline: Deadline
    ) -> Activated:
        key = version_key(self.collection, name, number)
        version_document, pointer = await self._documents.read([key, pointer_key(self.collection, name)], deadline)
        if version_document is None:
            raise NotFound(f"{self.collection} has no {label(name, number)}")
        version = self._codecs.versions.decode(version_document)
        latest = self._codecs.activations.decode(pointer) if pointer else None
        if version.approved_by is not None and latest is not None:
            return Activated(latest, changed=False)
        if not _person(by) or _person(by) == _person(version.proposed_by):
            raise Forbidden(f"{version.label} was proposed by {version.proposed_by}: another person has to approve it")
        if latest is not None and latest.active > number:
            raise Conflict(f"{label(name, latest.active)} is active and newer: propose the content of {number} again")
        approved = replace(version, approved_by=by, approved_at=now)
        activation = _next(latest, name, number, "approved", by, now, note or version.note)
        return await self._activate(
            activation, pointer, [self._codecs.versions.put(version_document, key, approved)], deadline
        )

    async def rollback(
        self, name: str, *, by: str, now: datetime, note: str, deadline: Deadline, to: int | None = None
    ) -> Activated:
        """Go back to the version that was active before, or to the approved version `to`.

        Raises `NotFound` where there is nothing to go back to, `Conflict` where `to` was never approved.
        """
        step = partial(self._rollback, name, by, now, note, to, deadline)
        return await compare_and_set(step, deadline, tries=_TRIES)

    async def _rollback(
        self, name: str, by: str, now: datetime, note: str, to: int | None, deadline: Deadline
    ) -> Activated:
        pointer, latest, target = await self._plan_rollback(name, to, deadline)
        if target == latest.active:
            return Activated(latest, changed=False)
        activation = _next(latest, name, target, "rolled_back", by, now, note)
        return await self._activate(activation, pointer, [], deadline)

    async def rollback_target(self, name: str, deadline: Deadline, to: int | None = None) -> int:
        """The version that `rollback` would leave in force: the active one where it would change nothing."""
        return (await self._plan_rollback(name, to, deadline))[2]

    async def _plan_rollback(self, name: str, to: int | None, deadline: Deadline) -> tuple[Document, Activation, int]:
        pointer = await self._read(pointer_key(self.collection, name), deadline)
        if pointer is None:
            raise NotFound(f"{self.collection} has no active {name}")
        latest = self._codecs.activations.decode(pointer)
        if to == latest.active or (to is None and latest.act == "rolled_back"):
            return pointer, latest, latest.active
        target = to if to is not None else latest.previous
        if target is None:
            raise NotFound(f"{label(name, latest.active)} is the first one ever active: there is nothing to go back to")
        if (await self.version(name, target, deadline)).approved_by is None:
            raise Conflict(f"{label(name, target)} was never approved: have it approved instead")
        return pointer, latest, target

    async def _activate(
        self, activation: Activation, pointer: Document | None, also: Sequence[Write], deadline: Deadline
    ) -> Activated:
        name, codec = activation.name, self._codecs.activations
        writes = [
            codec.put(pointer, pointer_key(self.collection, name), activation),
            codec.create(activation_key(self.collection, name, activation.epoch), activation),
        ]
        await self._documents.commit([*writes, *also], deadline)
        return Activated(activation, changed=True)

    async def names(self, deadline: Deadline) -> list[str]:
        """Every name something was proposed under, in alphabetical order."""
        return sorted((await self._index(deadline)).newest)

    async def versions(self, name: str, deadline: Deadline) -> list[Version]:
        """Every version of `name`, the oldest first. Raises `NotFound` for a name nothing was proposed under."""
        newest = (await self._index(deadline)).newest.get(name)
        if newest is None:
            raise NotFound(f"{self.collection} has no {name}")
        keys = [version_key(self.collection, name, number) for number in range(1, newest + 1)]
        return [self._codecs.versions.decode(document) for document in await self._all(keys, deadline)]

    async def newest(self, name: str, deadline: Deadline) -> Version | None:
        """The version last proposed, `None` for a name nothing was proposed under."""
        number = (await self._index(deadline)).newest.get(name)
        return await self.version(name, number, deadline) if number else None

    async def version(self, name: str, number: int, deadline: Deadline) -> Version:
        """One version. Raises `NotFound`."""
        document = await self._read(version_key(self.collection, name, number), deadline)
        if document is None:
            raise NotFound(f"{self.collection} has no {label(name, number)}")
        return self._codecs.versions.decode(document)

    async def active(self, name: str, deadline: Deadline) -> Activation | None:
        """What is in force, `None` where nothing was ever approved."""
        document = await self._read(pointer_key(self.collection, name), deadline)
        return self._codecs.activations.decode(document) if document else None

    async def history(self, name: str, deadline: Deadline) -> list[Activation]:
        """Every activation of `name`, the first one first."""
        latest = await self.active(name, deadline)
        keys = [activation_key(self.collection, name, n) for n in range(1, latest.epoch + 1)] if latest else []
        return [self._codecs.activations.decode(document) for document in await self._all(keys, deadline)]

    async def _index(self, deadline: Deadline) -> Index:
        document = await self._read(index_key(self.collection), deadline)
        return self._codecs.indexes.decode(document) if document else Index()

    async def _read(self, key: Key, deadline: Deadline) -> Document | None:
        return (await self._documents.read([key], deadline))[0]

    async def _all(self, keys: Sequence[Key], deadline: Deadline) -> list[Document]:
        pages = [keys[start : start + _PAGE] for start in range(0, len(keys), _PAGE)]
        documents = [document for page in pages for document in await self._documents.read(page, deadline)]
        return [document for document in documents if document is not None]


def _person(name: str) -> str:
    return name.strip().casefold()


def _next(
    latest: Activation | None, name: str, version: int, act: Literal["approved", "rolled_back"],
    by: str, now: datetime, note: str,
) -> Activation:  # fmt: skip
    epoch, previous = (latest.epoch + 1, latest.active) if latest else (1, None)
    return Activation(name, epoch, version, previous, act, by, now, note)
