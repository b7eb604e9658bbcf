"""A batch comes to what its items come to one by one: who is at fault fails alone, and what is needed is read."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import (
    Conflict,
    Damaged,
    Invalid,
    Misconfigured,
    Overloaded,
    SlackerError,
    Unavailable,
    WriteConflict,
)
from shared.storage.batch_commit import MAX_NEEDED_BYTES
from shared.storage.batch_fold import FoldResult, Needs
from shared.storage.documents import Create, Document, Documents, Key, Write, Written, put
from shared.storage.group_commit import MAX_ROUNDS, GroupCommit, Limits
from tests.support.giving_up import unhurried

ERRORS = (KeyError, Invalid, Damaged, Conflict, Unavailable, WriteConflict, Overloaded, Misconfigured)
SEEDED = Key("needed", "1")
LARGE = tuple(Key("large", str(number)) for number in range(5))


@dataclass(frozen=True)
class Item:
    """Appends its name to the list `adds`; or `fails`; or `creates` a document that it does not read, and says so where
    it is shown one (`insists`: it creates it all the same); or `needs` documents, one after another.
    """

    name: str
    adds: str | None = None
    fails: type[Exception] | None = None
    creates: str | None = None
    insists: bool = False
    needs: tuple[Key, ...] = ()


class Fold:
    """A result is what an item has to say."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def keys(self, items: Sequence[Item]) -> list[Key]:
        return list(dict.fromkeys(Key("lists", item.adds) for item in items if item.adds))

    def fold(self, documents: Mapping[Key, Document | None], items: Sequence[Item]) -> FoldResult[str | Needs]:
        self.batches.append([item.name for item in items])
        lists: dict[Key, bytes] = {}
        writes: list[Write] = []
        results: list[str | Needs] = []
        for item in items:
            missing = [key for key in item.needs if key not in documents]
            if item.fails is not None:
                raise item.fails("the item's own")
            if item.adds:
                key = Key("lists", item.adds)
                document = documents[key]
                before = lists.get(key, document.state if document else b"")
                lists[key] = before + item.name.encode() + b"\n"
            if missing:
                results.append(Needs(missing[:1]))
            elif item.creates and documents.get(Key("made", item.creates)) is not None and not item.insists:
                results.append("was there")
            else:
                if item.creates:
                    writes.append(Create(Key("made", item.creates), b"made"))
                results.append(f"{item.name}: {[documents[key] is not None for key in item.needs]}")
        writes += [put(documents[key], key, state) for key, state in lists.items()]
        return FoldResult(writes, results)


class Interrupted(MemoryDocuments):
    """Somebody else writes `others` first, one before each commit."""

    def __init__(self, others: Sequence[Key] = ()) -> None:
        super().__init__()
        self._others = list(others)

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        if self._others:
            key = self._others.pop(0)
            [document] = await self.read([key], deadline)
            before = document.state if document is not None else b""
            await super().commit([put(document, key, before + b"other\n")], deadline)
        return await super().commit(writes, deadline)


async def together(documents: Documents, items: Sequence[Item], limits: Limits | None = None) -> list[str]:
    """What became of items that wait together: results, and the names of errors."""
    group: GroupCommit[Item, str] = GroupCommit(documents, Fold(), limits)
    outcomes = await asyncio.gather(*(group.submit(item, 1, unhurried()) for item in items), return_exceptions=True)
    return [outcome if isinstance(outcome, str) else type(outcome).__name__ for outcome in outcomes]


async def one_by_one(documents: Documents, items: Sequence[Item]) -> list[str]:
    return [outcome for item in items for outcome in await together(documents, [item])]


def states(documents: MemoryDocuments) -> dict[Key, bytes]:
    """What is in the store, but for what somebody else added."""
    kept = documents._documents.items()
    return {key: document.state.replace(b"other\n", b"") for key, document in kept}


async def seeded(documents: MemoryDocuments, *keys: Key, state: bytes = b"seed") -> None:
    for key in keys:
        await MemoryDocuments.commit(documents, [Create(key, state)], unhurried())


@pytest.mark.parametrize("error", ERRORS)
async def test_whatever_a_fold_raises_its_item_fails_alone_with_it(error: type[Exception]) -> None:
    """Also with what the store could have raised."""
    items = [Item("a", "d"), Item("bad", fails=error), Item("c", "d")]
    documents = MemoryDocuments()
    assert await together(documents, items) == ["a: []", error.__name__, "c: []"]
    assert states(documents) == {Key("lists", "d"): b"a\nc\n"}


async def test_a_fold_with_too_few_results_fails_and_the_flush_goes_on() -> None:
    class Short(Fold):
        def fold(self, documents: Mapping[Key, Document | None], items: Sequence[Item]) -> FoldResult[str | Needs]:
            folded = super().fold(documents, items)
            return FoldResult(folded.writes, [] if any(item.name == "short" for item in items) else folded.results)

    group: GroupCommit[Item, str] = GroupCommit(MemoryDocuments(), Short())
    outcomes = await asyncio.gather(
        *(group.submit(Item(name), 1, unhurried()) for name in ("a", "short", "b")), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [str, ValueError, str]


async def test_keys_that_cannot_be_named_fail_their_item_alone() -> None:
    items = [Item("a", "d"), Item("bad", "x/y"), Item("c", needs=(Key("lists", "x/y"),))]
    assert await together(MemoryDocuments(), items) == ["a: []", "Invalid", "Invalid"]


@pytest.mark.parametrize("error", [Unavailable, Misconfigured, Conflict, Overloaded])
async def test_what_the_store_raises_fails_all(error: type[SlackerError]) -> None:
    class Failing(MemoryDocuments):
        async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
            raise error("the store's own")

    assert await together(Failing(), [Item("a", "d"), Item("b", "d")]) == [error.__name__] * 2


async def test_an_item_that_needs_documents_is_folded_again_with_them_and_keeps_nobody_waiting() -> None:
    documents, fold = MemoryDocuments(), Fold()
    await seeded(documents, Key("needed", "1"))
    group: GroupCommit[Item, str] = GroupCommit(documents, fold)
    needing = Item("needing", needs=(Key("needed", "1"), Key("needed", "2")))
    outcomes = await asyncio.gather(*(group.submit(item, 1, unhurried()) for item in (Item("a"), needing, Item("b"))))
    assert outcomes == ["a: []", "needing: [True, False]", "b: []"]
    assert fold.batches == [["a", "needing", "b"], ["needing"], ["needing"]]


async def test_an_item_may_need_documents_three_times() -> None:
    needs = tuple(Key("needed", str(number)) for number in range(MAX_ROUNDS + 1))
    items = [Item("three", needs=needs[:MAX_ROUNDS]), Item("four", needs=needs), Item("c", "d")]
    assert await together(MemoryDocuments(), items) == ["three: [False, False, False]", "Invalid", "c: []"]


async def test_an_item_that_needs_too_many_bytes_fails_alone() -> None:
    documents = MemoryDocuments()
    await seeded(documents, *LARGE, state=bytes(900_000))

    class AtOnce(Fold):
        def fold(self, documents: Mapping[Key, Document | None], items: Sequence[Item]) -> FoldResult[str | Needs]:
            folded = super().fold(documents, items)
            return FoldResult(folded.writes, [
                Needs(item.needs) if isinstance(result, Needs) else result
                for item, result in zip(items, folded.results, strict=True)
            ])  # fmt: skip

    group: GroupCommit[Item, str] = GroupCommit(documents, AtOnce())
    items = [Item("a", needs=LARGE[:4]), Item("large", needs=LARGE), Item("b", needs=LARGE[1:2])]
    outcomes = await asyncio.gather(*(group.submit(item, 1, unhurried()) for item in items), return_exceptions=True)
    assert 4 * 900_000 <= MAX_NEEDED_BYTES < 5 * 900_000
    assert outcomes[::2] == ["a: [True, True, True, True]", "b: [True]"]
    assert str(outcomes[1]) == "needs: at most 4000000 bytes of documents"


async def test_an_item_that_creates_what_is_there_fails_alone() -> None:
    """With a conflict, so that it becomes a dead letter; the other 127 are committed."""
    documents = MemoryDocuments()
    await seeded(documents, Key("made", "m"))
    items = [Item(f"i{number}", f"d{number % 7}") for number in range(128)]
    items[77] = Item("bad", creates="m", insists=True)
    expected = [f"{item.name}: []" for item in items]
    expected[77] = "Conflict"
    assert await together(documents, items) == expected


async def test_a_fold_is_shown_what_its_create_met() -> None:
    documents = MemoryDocuments()
    await seeded(documents, Key("made", "m"))
    assert await together(documents, [Item("a", "d"), Item("b", creates="m")]) == ["a: []", "was there"]


async def test_a_document_that_somebody_else_creates_meanwhile_is_seen() -> None:
    documents = Interrupted([Key("made", "m")])
    assert await together(documents, [Item("a", "d"), Item("b", creates="m")]) == ["a: []", "was there"]


names = st.integers(0, 10_000).map(str)
needed = st.lists(st.sampled_from([Key("needed", n) for n in "12345"]), unique=True).map(tuple)
items_of_chance = st.lists(
    st.one_of(
        st.builds(Item, names, adds=st.sampled_from("xyz")),
        st.builds(Item, names, adds=st.sampled_from("xyz"), fails=st.sampled_from(ERRORS)),
        st.builds(Item, names, creates=st.sampled_from("pqrs"), insists=st.booleans()),
        st.builds(Item, names, needs=needed),
        st.builds(Item, names, adds=st.just("bad/key")),
    ),
    max_size=40,
)


def allowed(item: Item, alone: str) -> set[str]:
    """The outcomes that an item may have in a batch, given the one it has alone.

    A fold sees what the others of its batch needed, so an item that needs too many rounds alone may be spared some and
    come to its end. An item within its rounds has one outcome.
    """
    if len(item.needs) <= MAX_ROUNDS:
        return {alone}
    return {alone, f"{item.name}: {[key == SEEDED for key in item.needs]}"}


@settings(max_examples=150, deadline=None)
@example(
    items=[Item("a", needs=(Key("needed", "4"),)), Item("b", needs=tuple(Key("needed", n) for n in "1234"))],
    batch=3,
    others=[],
)
@given(
    items=items_of_chance,
    batch=st.sampled_from((1, 3, 128)),
    others=st.lists(st.sampled_from([Key("lists", name) for name in "xyz"]), max_size=4),
)
def test_a_batch_comes_to_what_its_items_come_to_one_by_one(
    items: Sequence[Item], batch: int, others: Sequence[Key]
) -> None:
    """Whatever fails, whatever is needed, and whoever else writes meanwhile: the same documents, and the same outcomes
    but for `allowed`.
    """

    async def compared() -> None:
        expected, actual = MemoryDocuments(), Interrupted(others)
        for documents in (expected, actual):
            await seeded(documents, Key("made", "p"), SEEDED)
        alone = await one_by_one(expected, items)
        outcomes = await together(actual, items, Limits(batch=batch))
        assert outcomes == [
            outcome if outcome in allowed(item, expected_outcome) else expected_outcome
            for item, outcome, expected_outcome in zip(items, outcomes, alone, strict=True)
        ]
        written = {key: state for key, state in states(actual).items() if state}
        assert written == states(expected)

    asyncio.run(compared())
