"""Acts on record: an entry each, in one chain, in the same commit as what they change."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

import pytest

from shared.audit.change import AuditContext, AuditedChange, ChangeResult, DocumentsRead
from shared.audit.entry import Entry, Outcome, opened
from shared.audit.log import AuditLog
from shared.audit.pages import page
from shared.audit.verification import Verification
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Damaged, DeadlineExceeded, Forbidden, SlackerError, Unavailable, WriteConflict
from shared.runtime.log import Log
from shared.storage.documents import Create, Delete, Document, Documents, Key, Update, Written, put
from shared.storage.documents import Write as Change
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled
from tests.support.giving_up import unhurried

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
COUNTER = Key("reviews", "counter")


def deed(actor: str = "ana@bank.example", action: str = "counter.add") -> AuditContext:
    return AuditContext(actor, action, NOW, "because")


def add(read: DocumentsRead) -> ChangeResult[int]:
    """One more in the counter."""
    number = int(_state(read[COUNTER]) or b"0") + 1
    return ChangeResult(number, [put(read[COUNTER], COUNTER, str(number).encode())], ("counter",), ("t1_a",))


def _state(document: Document | None) -> bytes:
    return document.state if document else b""


def log(documents: Documents) -> AuditLog:
    return AuditLog(documents, Log("operator_api", stream=BytesIO()))


def soon() -> Deadline:
    return plenty()


async def entries(documents: Documents) -> list[Entry]:
    chain = await page(documents, 1, 500, soon())
    return [opened(sealed.content) for sealed in chain.entries if sealed]


async def whole(documents: Documents) -> bool:
    chain, checked = await page(documents, 1, 500, soon()), Verification()
    checked.take(chain.entries)
    checked.end(chain.head)
    return checked.breaks == []


async def test_what_was_done_is_on_record_with_who_when_to_whom_and_why() -> None:
    documents = MemoryDocuments()
    assert await log(documents).record(AuditedChange(deed(), (COUNTER,), add), soon()) == 1
    [entry] = await entries(documents)
    assert (entry.sequence, entry.actor, entry.action, entry.at) == (1, "ana@bank.example", "counter.add", NOW)
    assert (entry.outcome, entry.targets, entry.subjects, entry.reason) == (
        Outcome.DONE, ("counter",), ("t1_a",), "because",
    )  # fmt: skip


async def test_what_was_read_is_on_record_without_a_change() -> None:
    documents = MemoryDocuments()
    await log(documents).note(deed(action="reviews.read"), ("r-1",), ("t1_a",), soon())
    [entry] = await entries(documents)
    assert (entry.action, entry.outcome, entry.targets) == ("reviews.read", Outcome.DONE, ("r-1",))


async def test_many_at_once_on_two_instances_make_one_whole_chain_and_lose_nothing() -> None:
    documents = MemoryDocuments()
    instances = [log(documents), log(documents)]
    acts = [AuditedChange(deed(), (COUNTER,), add) for _ in range(60)]
    numbers = await asyncio.gather(*(instances[n % 2].record(act, soon()) for n, act in enumerate(acts)))
    assert sorted(numbers) == list(range(1, 61))
    assert [entry.sequence for entry in await entries(documents)] == list(range(1, 61))
    assert await whole(documents)


async def test_a_refusal_is_on_record_and_changes_nothing_and_hurts_nobody_beside_it() -> None:
    documents = MemoryDocuments()
    audit = log(documents)

    def refused(read: DocumentsRead) -> ChangeResult[int]:
        raise Forbidden("another person has to")

    acts = [
        AuditedChange(deed(), (COUNTER,), add),
        AuditedChange(deed(), (COUNTER,), refused, ("counter",)),
        AuditedChange(deed(), (COUNTER,), add),
    ]
    results = await asyncio.gather(*(audit.record(act, soon()) for act in acts), return_exceptions=True)
    assert [result if isinstance(result, int) else str(result) for result in results] == [1, "another person has to", 2]
    assert [(entry.outcome, entry.targets) for entry in await entries(documents)] == [
        (Outcome.DONE, ("counter",)), (Outcome.REFUSED, ("counter",)), (Outcome.DONE, ("counter",)),
    ]  # fmt: skip


async def test_acts_of_one_group_see_what_those_before_them_leave() -> None:
    documents = MemoryDocuments()
    await documents.commit([Create(COUNTER, b"old")], soon())
    audit = log(documents)

    def remove(read: DocumentsRead) -> ChangeResult[bytes]:
        document = read[COUNTER]
        assert document is not None
        return ChangeResult(document.state, [Delete(COUNTER, document.version)])

    def create(read: DocumentsRead) -> ChangeResult[bytes]:
        return ChangeResult(_state(read[COUNTER]), [Create(COUNTER, b"new", due_at=NOW)])

    def update(read: DocumentsRead) -> ChangeResult[bytes]:
        document = read[COUNTER]
        assert document is not None
        return ChangeResult(document.state, [Update(COUNTER, document.version, b"newest", document.due_at)])

    acts = [AuditedChange(deed(), (COUNTER,), fold) for fold in (remove, create, update)]
    assert await asyncio.gather(*(audit.record(act, soon()) for act in acts)) == [b"old", b"", b"new"]
    [left] = await documents.read([COUNTER], soon())
    assert left is not None
    assert (left.state, left.due_at) == (b"newest", NOW)


@pytest.mark.parametrize(("trouble", "error"), [("fail", Unavailable), ("hang", DeadlineExceeded)])
@pytest.mark.parametrize("where", ["reads", "commits"])
async def test_nothing_is_done_whose_entry_cannot_be_written(
    trouble: str, error: type[SlackerError], where: str
) -> None:
    documents = Troubled(
        reads=trouble if where == "reads" else "work", commits=trouble if where == "commits" else "work"
    )
    with pytest.raises(error):
        await log(documents).record(AuditedChange(deed(), (COUNTER,), add), unhurried())
    documents.reads = documents.commits = "work"
    assert (await documents.read([COUNTER], soon()), await entries(documents)) == ([None], [])


async def test_an_act_whose_commit_was_not_confirmed_is_done_together_with_its_entry() -> None:
    documents = Troubled(commits="lost")
    with pytest.raises(DeadlineExceeded):
        await log(documents).record(AuditedChange(deed(), (COUNTER,), add), soon())
    [counter] = await documents.read([COUNTER], soon())
    assert (_state(counter), len(await entries(documents)), await whole(documents)) == (b"1", 1, True)


class Contended(MemoryDocuments):
    """Somebody else writes the head between every read and commit."""

    async def commit(self, writes: Sequence[Change], deadline: Deadline) -> list[Written]:
        raise WriteConflict("a document changed")


async def test_a_head_that_is_written_all_the_time_is_a_conflict_for_the_caller_to_repeat() -> None:
    with pytest.raises(WriteConflict):
        await log(Contended()).record(AuditedChange(deed(), (COUNTER,), add), soon())


async def test_the_log_tells_number_and_hash_of_each_entry_and_nobody() -> None:
    documents, stream = MemoryDocuments(), BytesIO()
    await AuditLog(documents, Log("operator_api", stream=stream)).record(AuditedChange(deed(), (COUNTER,), add), soon())
    line = stream.getvalue().decode()
    assert '"sequence":1' in line
    assert (await page(documents, None, 1, soon())).head.hash in line
    assert "ana@" not in line


async def test_an_act_that_meets_a_damaged_document_is_no_refusal_and_not_on_record() -> None:
    def meet(read: DocumentsRead) -> ChangeResult[int]:
        raise Damaged("reviews/counter is damaged: a counter expected")

    documents = MemoryDocuments()
    acts = log(documents)
    met, added = await asyncio.gather(
        acts.record(AuditedChange(deed(), (COUNTER,), meet), soon()),
        acts.record(AuditedChange(deed(), (COUNTER,), add), soon()),
        return_exceptions=True,
    )
    assert (type(met), added) == (Damaged, 1)
    assert [entry.outcome for entry in await entries(documents)] == [Outcome.DONE]
