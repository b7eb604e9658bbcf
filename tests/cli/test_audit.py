"""The audit at the keyboard: what was done, and whether that record is whole."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from shared.audit.entry import ENTRIES, FIRST, HEAD, HEADS, Head, entry_key, opened, sealed
from shared.storage.documents import Delete, Update
from tests.support.builders.operator_api import review, store
from tests.support.builders.operators import Desk, desk
from tests.support.deadlines import plenty

REVIEW = "transaction.op-1.1"


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Six entries: ana looks and approves, ben rejects; pages are small."""
    monkeypatch.setattr("cli.audit._PAGE", 4)
    with desk(tmp_path / "state") as opened:
        opened.run(store(opened.office.documents, review()))
        opened.cli("reviews", "list")
        opened.cli("reviews", "approve", REVIEW, "--reason", "CONFIRMED")
        opened.cli("reviews", "reject", REVIEW, "--reason", "FRAUD", who="ben")
        opened.cli("switches", "list")
        yield opened


async def rewrite(at: Desk, number: int, state: bytes) -> None:
    documents, deadline = at.office.documents, plenty()
    [before] = await documents.read([entry_key(number)], deadline)
    assert before is not None
    await documents.commit([Update(before.key, before.version, state)], deadline)


async def state_of(at: Desk, number: int) -> bytes:
    [document] = await at.office.documents.read([entry_key(number)], plenty())
    assert document is not None
    return document.state


def listed(at: Desk, *arguments: object) -> list[tuple[int, str, str]]:
    entries = json.loads(at.cli("audit", "list", "--json", *arguments, who="dora").output)
    return [(entry["sequence"], entry["actor"][:3], entry["action"]) for entry in entries]


def test_the_list_begins_with_the_newest_and_goes_back_over_pages(at: Desk) -> None:
    assert listed(at) == [
        (6, "ana", "switches.list"),
        (5, "ben", "reviews.reject"),
        (4, "ben", "reviews.read"),
        (3, "ana", "reviews.approve"),
        (2, "ana", "reviews.read"),
        (1, "ana", "reviews.list"),
    ]


def test_the_list_can_be_asked_for_a_person_an_action_or_a_target(at: Desk) -> None:
    assert [number for number, *_ in listed(at, "--by", "ben@x.example")] == [5, 4]
    assert [number for number, *_ in listed(at, "--action", "reviews", "--limit", 2)] == [5, 4]
    assert [number for number, *_ in listed(at, "--target", REVIEW, "--action", "reviews.approve")] == [3]
    assert [number for number, *_ in listed(at, "--client", "t1_nobody")] == []


def test_people_see_who_did_what_to_whom_and_why(at: Desk) -> None:
    output = at.cli("audit", "list", "--action", "reviews.reject", who="dora").output
    [line] = output.splitlines()[1:]
    assert line.split() == ["5", "2026-11-22", "09:30:00Z", "ben@x.example", "reviews.reject", "done", REVIEW, "FRAUD"]


def test_a_whole_chain_is_told_with_an_anchor_for_the_next_time(at: Desk) -> None:
    result = at.cli("audit", "verify", who="dora")
    head = ENTRIES.decode_state(at.run(state_of(at, 6))).hash
    assert (result.exit_code, result.output) == (0, f"6 entries, the chain is whole; anchor 6:{head}\n")
    anchor = result.output.split()[-1]
    assert at.cli("audit", "verify", "--anchor", anchor, who="dora").exit_code == 0


def test_an_entry_that_was_changed_is_named(at: Desk) -> None:
    before = ENTRIES.decode_state(at.run(state_of(at, 3)))
    forged = msgspec.structs.replace(before, content=before.content.replace(b"ana@", b"eve@"))
    at.run(rewrite(at, 3, ENTRIES.encode(forged)))
    result = at.cli("audit", "verify", who="dora")
    assert (result.exit_code, result.output.splitlines()[0]) == (
        1, "entry 3 was changed: its content does not have its hash",
    )  # fmt: skip


def test_an_entry_that_was_changed_together_with_its_hash_is_named(at: Desk) -> None:
    entry = opened(ENTRIES.decode_state(at.run(state_of(at, 2))).content)
    at.run(rewrite(at, 2, ENTRIES.encode(sealed(msgspec.structs.replace(entry, actor="eve@x.example")))))
    result = at.cli("audit", "verify", "--json", who="dora")
    assert (result.exit_code, json.loads(result.output)["breaks"]) == (
        1,
        [
            {"sequence": 2, "what": "was rewritten: its anchor is another hash"},
            {"sequence": 2, "what": "was rewritten: the entry after it names another hash"},
        ],
    )  # fmt: skip


def test_an_entry_that_is_garbage_is_named(at: Desk) -> None:
    at.run(rewrite(at, 4, b"\xff\x00"))
    output = at.cli("audit", "verify", who="dora").output
    assert {line.split()[1] for line in output.splitlines()[:-1]} == {"4"}


async def cut(at: Desk, number: int) -> None:
    """Remove the end of the chain, head and all."""
    documents, deadline = at.office.documents, plenty()
    last = ENTRIES.decode_state(await state_of(at, number))
    [head] = await documents.read([HEAD], deadline)
    assert head is not None
    gone = [Delete(entry_key(after)) for after in range(number + 1, 7)]
    await documents.commit([Update(HEAD, head.version, HEADS.encode(Head(number, last.hash))), *gone], deadline)


def test_an_end_that_was_cut_off_is_found_by_what_was_logged(at: Desk) -> None:
    at.run(cut(at, 3))
    result = at.cli("audit", "verify", who="dora")
    # What was read since is on record again, under the numbers that were cut off, and is not what was logged there.
    assert (result.exit_code, result.output.splitlines()[-2]) == (
        1, "entry 6 is cut off: it was written once, as its anchor says",
    )  # fmt: skip


def test_without_the_log_an_anchor_from_elsewhere_finds_an_end_that_was_cut_off(at: Desk) -> None:
    last = [json.loads(line) for line in at.office.log.getvalue().splitlines()][-1]
    at.run(cut(at, 3))
    verify = ("audit", "verify", "--without-log")
    whole = at.cli(*verify, who="dora")
    cut_off = at.cli(*verify, "--anchor", f"{last['sequence']}:{last['hash']}", who="dora")
    assert (whole.exit_code, cut_off.exit_code, cut_off.output.splitlines()[0]) == (
        0, 1, "entry 6 is cut off: it was written once, as its anchor says",
    )  # fmt: skip


async def seal_anew(at: Desk, without: int) -> None:
    """Take an entry out of the middle, and seal all that follow anew, under numbers without a gap."""
    documents, deadline = at.office.documents, plenty()
    numbers = [number for number in range(1, 7) if number != without]
    entries = [opened(ENTRIES.decode_state(await state_of(at, number)).content) for number in numbers]
    before = FIRST
    for number, entry in enumerate(entries, start=1):
        seal = sealed(msgspec.structs.replace(entry, sequence=number, previous=before))
        await rewrite(at, number, ENTRIES.encode(seal))
        before = seal.hash
    head, last = await documents.read([HEAD, entry_key(6)], deadline)
    assert head is not None
    assert last is not None
    shorter = Update(HEAD, head.version, HEADS.encode(Head(5, before)))
    await documents.commit([shorter, Delete(last.key, last.version)], deadline)


def test_entries_taken_out_of_the_middle_are_found_though_the_rest_was_sealed_anew(at: Desk) -> None:
    at.run(seal_anew(at, 3))
    alone = at.cli("audit", "verify", "--without-log", who="dora")
    result = at.cli("audit", "verify", who="dora")
    assert (alone.exit_code, result.exit_code, result.output.splitlines()[0]) == (
        0, 1, "entry 3 was rewritten: its anchor is another hash",
    )  # fmt: skip


def test_an_anchor_that_is_none_says_what_one_is(at: Desk) -> None:
    result = at.cli("audit", "verify", "--anchor", "6", who="dora")
    assert (result.exit_code, "NUMBER:HASH expected" in result.stderr) == (1, True)


def test_the_audit_is_for_auditors(at: Desk) -> None:
    assert "it takes the role auditor" in at.cli("audit", "list").stderr
