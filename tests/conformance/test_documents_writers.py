"""Many writers on one document, and any sequence of commits: every store holds what a plain dictionary would."""

import asyncio
import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import WriteConflict
from shared.storage.documents import Create, Delete, Documents, Increment, Key, Update, Write
from tests.support.deadlines import plenty

WRITERS = 20


async def test_increments_at_once_all_count_and_each_gets_its_own_number(documents: Documents) -> None:
    key, deadline = Key("counters", "hot"), plenty()

    async def increment() -> int:
        (written,) = await documents.commit([Increment(key)], deadline)
        return written.count

    counts = await asyncio.gather(*(increment() for _ in range(3 * WRITERS)))
    assert sorted(counts) == list(range(1, 3 * WRITERS + 1))


async def test_writers_that_fold_again_after_a_conflict_all_get_through(documents: Documents) -> None:
    key, deadline = Key("things", "hot"), plenty()
    await documents.commit([Create(key, b"")], deadline)

    async def add(letter: bytes) -> int:
        for conflicts in range(1000):
            (document,) = await documents.read([key], deadline)
            assert document is not None
            await asyncio.sleep(0)  # another writer comes in between
            try:
                await documents.commit([Update(key, document.version, document.state + letter)], deadline)
            except WriteConflict:
                await asyncio.sleep(random.uniform(0, 0.02))  # noqa: S311 - a store in another process has its turn
            else:
                return conflicts
        pytest.fail("never got through")

    letters = [bytes([65 + number]) for number in range(WRITERS)]
    conflicts = await asyncio.gather(*(add(letter) for letter in letters))
    (document,) = await documents.read([key], deadline)
    assert document is not None
    assert sorted(document.state) == sorted(b"".join(letters))
    assert sum(conflicts) > 0


async def test_one_of_many_creators_wins(documents: Documents) -> None:
    key, deadline = Key("answers", "one"), plenty()
    results = await asyncio.gather(
        *(documents.commit([Create(key, bytes([number]))], deadline) for number in range(WRITERS)),
        return_exceptions=True,
    )
    won = [number for number, result in enumerate(results) if isinstance(result, list)]
    assert [type(result) for result in results].count(WriteConflict) == WRITERS - 1
    (document,) = await documents.read([key], deadline)
    assert document is not None
    assert document.state == bytes(won)


async def test_a_call_abandoned_by_its_caller_leaves_the_store_in_order(documents: Documents) -> None:
    key, deadline = Key("counters", "abandoned"), plenty()
    calls = [asyncio.ensure_future(documents.commit([Increment(key)], deadline)) for _ in range(WRITERS)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    results = await asyncio.gather(*calls, return_exceptions=True)
    done = sum(isinstance(result, list) for result in results)
    (written,) = await documents.commit([Increment(key)], deadline)
    assert done + 1 <= written.count <= WRITERS + 1


@dataclass(frozen=True)
class Step:
    """One write to be made of what is there by then; `right` tells whether it names the version that is."""

    kind: Literal["create", "update", "increment", "delete", "delete_version"]
    key: int
    state: bytes
    time: datetime | None
    by: int
    right: bool


STEPS = st.builds(
    Step,
    kind=st.sampled_from(["create", "update", "increment", "delete", "delete_version"]),
    key=st.integers(0, 3),
    state=st.binary(max_size=8),
    time=st.none() | st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    by=st.integers(-5, 5),
    right=st.booleans() | st.just(True),
)
COMMITS = st.lists(st.lists(STEPS, min_size=1, max_size=4, unique_by=lambda step: step.key), min_size=1, max_size=12)


class Model:
    """The same documents in a dictionary: state, count, due, expiry; and the versions the store named."""

    def __init__(self, collection: str, decoy: str) -> None:
        self.documents: dict[Key, tuple[bytes, int, datetime | None, datetime | None]] = {}
        self.versions: dict[Key, str] = {}
        self._collection = collection
        self._decoy = decoy

    def write(self, step: Step) -> Write:
        key = Key(self._collection, str(step.key))
        version = self.versions.get(key, self._decoy) if step.right else self._decoy
        if step.kind == "create":
            return Create(key, step.state, step.time, step.time)
        if step.kind == "update":
            return Update(key, version, step.state, step.time, step.time)
        if step.kind == "increment":
            return Increment(key, step.by, step.time)
        return Delete(key, version if step.kind == "delete_version" else None)

    def allows(self, write: Write) -> bool:
        if isinstance(write, Create):
            return write.key not in self.documents
        if isinstance(write, Increment) or write.version is None:
            return True
        return write.key in self.documents and self.versions[write.key] == write.version

    def apply(self, write: Write, version: str) -> None:
        state, count, due, expires = self.documents.pop(write.key, (b"", 0, None, None))
        self.versions.pop(write.key, None)
        if isinstance(write, Delete):
            return
        self.versions[write.key] = version
        if isinstance(write, Increment):
            self.documents[write.key] = state, count + write.by, due, write.expires_at or expires
        else:
            self.documents[write.key] = write.state, count, write.due_at, write.expires_at


async def follow(documents: Documents, commits: list[list[Step]]) -> None:
    """Do every commit on the store and on the model, and compare all there is after each."""
    deadline, collection = plenty(), f"c{uuid.uuid4().hex}"
    (decoy,) = await documents.commit([Create(Key(collection + "x", "decoy"), b"")], deadline)
    model = Model(collection, decoy.version)
    keys = [Key(collection, str(number)) for number in range(4)]
    for steps in commits:
        writes = [model.write(step) for step in steps]
        if all(model.allows(write) for write in writes):
            written = await documents.commit(writes, deadline)
            for write, result in zip(writes, written, strict=True):
                model.apply(write, result.version)
                if isinstance(write, Increment):
                    assert result.count == model.documents[write.key][1]
        else:
            with pytest.raises(WriteConflict):
                await documents.commit(writes, deadline)
        stored = {document.key: document for document in await documents.read(keys, deadline) if document is not None}
        assert {key: document.version for key, document in stored.items()} == model.versions
        assert {
            key: (document.state, document.count, document.due_at, document.expires_at)
            for key, document in stored.items()
        } == model.documents
    assert [document.key for document in await documents.scan(collection, deadline)] == sorted(model.documents)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(commits=COMMITS)
async def test_any_sequence_of_commits_leaves_what_a_dictionary_would_hold(
    documents: Documents, commits: list[list[Step]]
) -> None:
    await follow(documents, commits)


@settings(max_examples=300)
@given(commits=COMMITS)
async def test_the_store_in_memory_follows_the_model_far_and_wide(commits: list[list[Step]]) -> None:
    await follow(MemoryDocuments(), commits)
