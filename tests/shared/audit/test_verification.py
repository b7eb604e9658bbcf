"""A chain that was tampered with is told from a whole one, and the entry is named."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.anchors import Anchor
from shared.audit.entry import FIRST, Entry, Head, Outcome, Sealed, opened, sealed
from shared.audit.verification import Break, Verification

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

Chain = list[Sealed | None]


def chain(length: int) -> tuple[Chain, Head]:
    before, entries = FIRST, list[Sealed | None]()
    for number in range(1, length + 1):
        entry = Entry(number, before, NOW, f"person-{number}@bank.example", "reviews.read", Outcome.DONE)
        seal = sealed(entry)
        before = seal.hash
        entries.append(seal)
    return entries, Head(length, before)


def breaks(entries: Chain, head: Head, anchors: dict[int, str] | None = None) -> list[Break]:
    verification = Verification()
    verification.anchor([Anchor(number, hash_) for number, hash_ in (anchors or {}).items()])
    middle = len(entries) // 2
    verification.take(entries[:middle])  # as pages come
    verification.take(entries[middle:])
    verification.end(head)
    return verification.breaks


def content(entries: Chain, number: int) -> bytes:
    entry = entries[number - 1]
    assert entry is not None
    return entry.content


def other(entries: Chain, number: int) -> Entry:
    return msgspec.structs.replace(opened(content(entries, number)), actor="nobody@bank.example")


def changed(entries: Chain, number: int) -> None:
    entry = entries[number - 1]
    assert entry is not None
    entries[number - 1] = Sealed(entry.hash, sealed(other(entries, number)).content)


def rewritten(entries: Chain, number: int) -> None:
    entries[number - 1] = sealed(other(entries, number))


def removed(entries: Chain, number: int) -> None:
    entries[number - 1] = None


def garbled(entries: Chain, number: int) -> None:
    entry = entries[number - 1]
    assert entry is not None
    entries[number - 1] = Sealed(entry.hash, b"\xff" + entry.content)


@given(length=st.integers(0, 30))
def test_a_chain_as_it_was_written_is_whole(length: int) -> None:
    entries, head = chain(length)
    assert breaks(entries, head) == []


@pytest.mark.parametrize("tamper", [changed, rewritten, removed, garbled])
@given(data=st.data())
def test_the_one_entry_that_was_tampered_with_is_named_and_no_other(
    tamper: Callable[[Chain, int], None], data: st.DataObject
) -> None:
    length = data.draw(st.integers(1, 20))
    number = data.draw(st.integers(1, length))
    entries, head = chain(length)
    tamper(entries, number)
    assert {broken.sequence for broken in breaks(entries, head)} == {number}


@given(length=st.integers(2, 20), data=st.data())
def test_two_entries_that_changed_places_are_both_named(length: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, length - 1))
    second = data.draw(st.integers(first + 1, length))
    entries, head = chain(length)
    entries[first - 1], entries[second - 1] = entries[second - 1], entries[first - 1]
    assert {first, second} <= {broken.sequence for broken in breaks(entries, head)}


def test_an_end_that_is_cut_off_is_found_by_the_head() -> None:
    entries, head = chain(5)
    assert breaks(entries[:3], head) == [Break(5, "is what the head names as the last one, and 3 were found")]


def test_an_end_that_is_cut_off_together_with_the_head_is_found_by_an_anchor() -> None:
    entries, head = chain(5)
    shorter, its_head = chain(3)
    assert breaks(shorter, its_head) == []
    assert breaks(shorter, its_head, {5: head.hash}) == [
        Break(5, "is cut off: it was written once, as its anchor says")
    ]
    assert breaks(entries, head, {5: head.hash}) == []


def test_a_chain_that_was_rewritten_from_an_entry_on_is_found_by_an_anchor_behind_it() -> None:
    original = chain(5)[1]
    forged = [sealed(Entry(1, FIRST, NOW, "nobody@bank.example", "reviews.read", Outcome.DONE))]
    for number in range(2, 6):
        forged.append(sealed(Entry(number, forged[-1].hash, NOW, "x@bank.example", "reviews.read", Outcome.DONE)))
    broken = breaks([*forged], Head(5, forged[-1].hash), {5: original.hash})
    assert broken == [Break(5, "was rewritten: its anchor is another hash")]


def test_the_head_of_another_chain_is_found() -> None:
    entries, head = chain(2)
    assert breaks(entries, replace_hash(head)) == [Break(2, "was rewritten: the head names another hash")]


def replace_hash(head: Head) -> Head:
    return msgspec.structs.replace(head, hash="1" * 64)
