"""Group commit: what waits together is committed together, and every item once or not at all."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import DeadlineExceeded, Invalid, Overloaded, Unavailable, WriteConflict
from shared.storage.batch_commit import MAX_COMMIT_BYTES
from shared.storage.batch_fold import FoldResult
from shared.storage.documents import MAX_WRITES, Document, Key, Write, Written, put
from shared.storage.group_commit import GroupCommit, Limits
from tests.support.deadlines import plenty
from tests.support.event_streams import dice
from tests.support.faulty_documents import Troubled

POISON = "poison"


@dataclass(frozen=True)
class Item:
    """Adds its name to a document, or leads to `states` of its own."""

    name: str
    document: str = "d"
    states: tuple[int, ...] = ()


def state_at(documents: Mapping[Key, Document | None], key: Key) -> bytes:
    document = documents[key]
    return document.state if document else b""


class Adding:
    """Every document is a list of names, one per line; a result is the size of the group."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []

    def keys(self, items: Sequence[Item]) -> list[Key]:
        return list(dict.fromkeys(Key("lists", item.document) for item in items))

    def fold(self, documents: Mapping[Key, Document | None], items: Sequence[Item]) -> FoldResult[int]:
        self.groups.append([item.name for item in items])
        states = {key: state_at(documents, key) for key in self.keys(items)}
        own: dict[Key, bytes] = {}
        for item in items:
            if item.name.startswith(POISON):
                raise KeyError(item.name)
            states[Key("lists", item.document)] += item.name.encode() + b"\n"
            own |= {Key("own", f"{item.name}-{n}"): bytes(size) for n, size in enumerate(item.states)}
        writes = [put(documents[key], key, state) for key, state in states.items()]
        writes += [put(None, key, state) for key, state in own.items()]
        return FoldResult(writes, [len(items)] * len(items))


class Gate(MemoryDocuments):
    """Holds its reads back until `opened`."""

    def __init__(self) -> None:
        super().__init__()
        self.opened, self.reads, self.reading = asyncio.Event(), 0, asyncio.Event()

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        self.reads += 1
        self.reading.set()
        await self.opened.wait()
        return await super().read(keys, deadline)


def soon() -> Deadline:
    return plenty()


def counted(documents: MemoryDocuments) -> Counter[str]:
    """How often each name stands in the store."""
    return Counter(
        name
        for key, document in documents._documents.items()
        if key.collection == "lists"
        for name in document.state.decode().splitlines()
    )


async def test_items_that_come_during_a_flush_are_the_next_group() -> None:
    documents, work = Gate(), Adding()
    group = GroupCommit(documents, work)
    first = asyncio.ensure_future(group.submit(Item("a"), 1, soon()))
    await documents.reading.wait()
    others = [asyncio.ensure_future(group.submit(Item(name), 1, soon())) for name in "bcd"]
    await asyncio.sleep(0)
    documents.opened.set()
    assert await asyncio.gather(first, *others) == [1, 3, 3, 3]
    assert (work.groups, documents.reads) == ([["a"], ["b", "c", "d"]], 2)


async def test_a_poison_item_fails_alone() -> None:
    """Its group is halved until it is by itself; the others are there once."""
    documents, names = MemoryDocuments(), ["a", "b", POISON, "c", "d"]
    group = GroupCommit(documents, Adding())
    outcomes = await asyncio.gather(*(group.submit(Item(name), 1, soon()) for name in names), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, int, KeyError, int, int]
    assert counted(documents) == Counter("abcd")


@pytest.mark.parametrize(
    "states", [(1_000_001,), (900_000,) * 11, (1,) * MAX_WRITES], ids=["document", "commit", "writes"]
)
async def test_an_item_beyond_the_limits_of_a_commit_fails_alone(states: tuple[int, ...]) -> None:
    documents = MemoryDocuments()
    group = GroupCommit(documents, Adding())
    items = [Item("a"), Item("large", states=states), Item("b")]
    outcomes = await asyncio.gather(*(group.submit(item, 1, soon()) for item in items), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, Invalid, int]
    assert counted(documents) == Counter("ab")


async def test_a_group_too_large_for_one_commit_is_committed_in_several() -> None:
    documents, size = MemoryDocuments(), 900_000
    group = GroupCommit(documents, Adding())
    count = MAX_COMMIT_BYTES // size + 3
    items = [Item(f"n{number}", f"d{number}", (size,)) for number in range(count)]
    sizes = await asyncio.gather(*(group.submit(item, 1, soon()) for item in items))
    assert sum(counted(documents).values()) == count
    assert max(sizes) < count


async def test_a_full_queue_refuses_by_count_and_by_bytes() -> None:
    documents = Gate()
    for limits, size in ((Limits(items=2), 1), (Limits(bytes=20), 10)):
        group = GroupCommit(documents, Adding(), limits)
        taken = [asyncio.ensure_future(group.submit(Item(name), size, soon())) for name in "ab"]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await group.submit(Item("c"), size, soon())
        documents.opened.set()
        await asyncio.gather(*taken)
        await group.submit(Item("d"), size, soon())


@pytest.mark.parametrize("commits", ["fail", "lost"])
async def test_a_store_that_fails_fails_every_item_of_the_group_with_its_own_error(commits: str) -> None:
    documents = Troubled(commits=commits)
    group = GroupCommit(documents, Adding())
    outcomes = await asyncio.gather(*(group.submit(Item(name), 1, soon()) for name in "ab"), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable if commits == "fail" else DeadlineExceeded}
    assert outcomes[0] is not outcomes[1]
    documents.commits = "work"
    assert await group.submit(Item("c"), 1, soon()) == 1


async def test_who_waits_for_a_slow_store_is_answered_at_the_deadline() -> None:
    group, clock = GroupCommit(Troubled(reads="hang"), Adding()), ManualClock()
    patient = asyncio.ensure_future(group.submit(Item("a"), 1, Deadline.after(2, clock)))
    hasty = asyncio.ensure_future(group.submit(Item("b"), 1, Deadline.after(1, clock)))
    await clock.advance(1)
    with pytest.raises(DeadlineExceeded):
        await hasty
    assert not patient.done()
    patient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await patient


async def test_everybody_is_answered_at_their_own_deadline_whatever_the_others_have() -> None:
    """And who comes with a nearer one is not kept until the first of those that were there."""
    gate, clock, ended = Gate(), ManualClock(), list[tuple[float, float]]()
    commits = GroupCommit(gate, Adding())

    async def wait(seconds: float) -> None:
        with pytest.raises(DeadlineExceeded):
            await commits.submit(Item(f"{seconds}"), 1, Deadline.after(seconds, clock))
        ended.append((seconds, clock.monotonic()))

    waiting = asyncio.gather(*(wait(seconds) for seconds in (3, 1, 2, 0.5, 3)))
    await clock.advance(3)
    await waiting
    assert ended == [(0.5, 0.5), (1, 1), (2, 2), (3, 3), (3, 3)]


async def test_the_one_that_started_a_flush_may_go_and_the_others_are_committed() -> None:
    documents = Gate()
    group = GroupCommit(documents, Adding())
    first, second = (asyncio.ensure_future(group.submit(Item(name), 1, soon())) for name in "ab")
    await documents.reading.wait()
    first.cancel()
    await asyncio.sleep(0)
    documents.opened.set()
    assert await second == 2
    assert first.cancelled()


async def test_nothing_runs_once_nobody_waits() -> None:
    """The last one that gives up ends the flush; what waited behind it is not committed."""
    documents = Gate()
    group = GroupCommit(documents, Adding(), Limits(batch=1))
    tasks = [asyncio.ensure_future(group.submit(Item(name), 1, soon())) for name in "ab"]
    await documents.reading.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    documents.opened.set()
    assert await group.submit(Item("c"), 1, soon()) == 1
    assert counted(documents) == Counter("c")


class Chance(MemoryDocuments):
    """Waits a little, fails a little: before anything happened, or after it all did."""

    def __init__(self, seed: int, trouble: float) -> None:
        super().__init__()
        self._dice, self._trouble = dice(seed), trouble

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        await self._wait()
        return await super().read(keys, deadline)

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        await self._wait()
        if self._dice.random() < self._trouble:
            raise WriteConflict("by chance")
        written = await super().commit(writes, deadline)
        await self._wait()
        return written

    async def _wait(self) -> None:
        for _ in range(self._dice.randrange(4)):
            await asyncio.sleep(0)
        if self._dice.random() < self._trouble:
            raise Unavailable("by chance")


async def scenario(seed: int, concurrency: int, trouble: float, instances: int) -> None:
    """Items of chance at several instances on one store; callers that give up; poison among them."""
    rng, documents = dice(seed), Chance(seed, trouble)
    works = [Adding() for _ in range(instances)]
    groups = [GroupCommit(documents, work, Limits(batch=rng.choice((1, 3, 50)))) for work in works]
    gate = asyncio.Semaphore(concurrency)

    async def send(number: int) -> tuple[str, bool]:
        name = f"{POISON if rng.random() < 0.05 else ''}{number}"
        item = Item(name, f"d{rng.randrange(3)}")
        async with gate:
            sending = asyncio.ensure_future(rng.choice(groups).submit(item, 1, soon()))
            if rng.random() < 0.1:
                for _ in range(rng.randrange(8)):
                    await asyncio.sleep(0)
                sending.cancel()
            [outcome] = await asyncio.gather(sending, return_exceptions=True)
        return name, isinstance(outcome, int)

    sent = await asyncio.gather(*(send(number) for number in range(60)))
    assert asyncio.all_tasks() == {asyncio.current_task()}
    there = counted(documents)
    assert max(there.values(), default=0) <= 1, "an item was applied twice"
    assert {name for name, done in sent if done} <= set(there), "an item was confirmed and is not there"
    assert not any(name.startswith(POISON) for name in there)
    if not trouble and instances == 1:
        assert {name for name, _ in sent if not name.startswith(POISON)} >= set(there)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    concurrency=st.sampled_from((1, 7, 200)),
    trouble=st.sampled_from((0.0, 0.05, 0.3)),
    instances=st.sampled_from((1, 2)),
)
def test_an_item_is_in_the_store_once_or_its_caller_knows(
    seed: int, concurrency: int, trouble: float, instances: int
) -> None:
    """Whatever the order, whoever gives up, whatever fails."""
    state = random.getstate()
    random.seed(seed)  # the jitter too
    try:
        asyncio.run(scenario(seed, concurrency, trouble, instances))
    finally:
        random.setstate(state)


async def test_instances_that_meet_on_one_document_lose_nothing() -> None:
    """Each conflict is folded again."""
    documents = Chance(1, 0.0)
    groups = [GroupCommit(documents, Adding()) for _ in range(2)]
    names = [f"n{number}" for number in range(200)]
    await asyncio.gather(*(groups[n % 2].submit(Item(name), 1, soon()) for n, name in enumerate(names)))
    assert counted(documents) == Counter(names)
