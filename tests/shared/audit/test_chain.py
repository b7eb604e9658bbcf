"""Acts that are committed together do what they would do one after the other."""

import asyncio
from collections.abc import Sequence
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.change import AuditContext, AuditedChange, ChangeResult, DocumentsRead
from shared.audit.log import AuditLog
from shared.audit.pages import page
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Conflict, SlackerError
from shared.runtime.log import Log
from shared.storage.documents import Create, Delete, Increment, Key, Update, Write
from tests.shared.audit.test_log import COUNTER, NOW, add, soon

KEYS = [Key("things", name) for name in "abc"]

Step = tuple[str, Key, bytes]


def act(step: Step) -> AuditedChange[bytes | None]:
    """An act that creates, appends to or removes one document, or refuses where that cannot be."""
    what, key, state = step

    def fold(read: DocumentsRead) -> ChangeResult[bytes | None]:
        before = read[key]
        if (before is None) != (what == "create"):
            raise Conflict(f"cannot {what}")
        write: Write
        if before is None:
            write = Create(key, state)
        elif what == "append":
            write = Update(key, before.version, before.state + state)
        else:
            write = Delete(key, before.version)
        return ChangeResult(before.state if before else None, [write], (key.id,))

    return AuditedChange(AuditContext("ana@bank.example", f"things.{what}", NOW), (key,), fold, (key.id,))


async def outcome(steps: Sequence[Step], *, together: bool) -> tuple[list[object], list[bytes | None], list[bytes]]:
    """What each act gave, what is left, and the entries' contents."""
    documents, deadline = MemoryDocuments(), soon()
    audit = AuditLog(documents, Log("operator_api", stream=BytesIO()))
    if together:
        outcomes = await asyncio.gather(*(audit.record(act(s), deadline) for s in steps), return_exceptions=True)
    else:
        outcomes = [
            (await asyncio.gather(audit.record(act(step), deadline), return_exceptions=True))[0] for step in steps
        ]
    results: list[object] = [str(result) if isinstance(result, SlackerError) else result for result in outcomes]
    left = [document.state if document else None for document in await documents.read(KEYS, deadline)]
    chain = await page(documents, 1, 100, deadline)
    return results, left, [sealed.content for sealed in chain.entries if sealed]


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["create", "append", "remove"]), st.sampled_from(KEYS), st.binary(max_size=2)),
        max_size=15,
    )
)
def test_acts_in_one_commit_leave_what_they_leave_one_by_one(steps: list[Step]) -> None:
    assert asyncio.run(outcome(steps, together=True)) == asyncio.run(outcome(steps, together=False))


async def test_an_act_with_a_fault_of_ours_fails_alone_and_leaves_no_entry() -> None:
    documents = MemoryDocuments()
    audit = AuditLog(documents, Log("operator_api", stream=BytesIO()))

    def faulty(read: DocumentsRead) -> ChangeResult[int]:
        return ChangeResult(1, [Increment(COUNTER)])

    deed = AuditContext("ana@bank.example", "counter.add", NOW)
    acts = [AuditedChange(deed, (COUNTER,), fold) for fold in (add, faulty, add)]
    results = await asyncio.gather(*(audit.record(change, soon()) for change in acts), return_exceptions=True)
    assert [type(result) if isinstance(result, Exception) else result for result in results] == [1, TypeError, 2]
    assert (await page(documents, None, 10, soon())).head.sequence == 2


async def test_an_act_that_waits_too_long_is_given_up() -> None:
    documents = MemoryDocuments()
    audit = AuditLog(documents, Log("operator_api", stream=BytesIO()))
    deed = AuditContext("ana@bank.example", "counter.add", NOW)
    with pytest.raises(SlackerError):
        await audit.record(AuditedChange(deed, (COUNTER,), add), Deadline.after(-1))
    assert await documents.read([COUNTER], soon()) == [None]
