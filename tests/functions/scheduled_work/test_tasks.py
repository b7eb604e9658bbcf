"""What comes due is done once whoever looks, and comes round again where it could not be done."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from functions.scheduled_work.answers import UnsentAnswers
from functions.scheduled_work.reversals import LateReversals
from functions.scheduled_work.task import TaskRun
from shared.commands.command import parse
from shared.commands.publisher import TopicCommandPublisher
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.events.events import Kind, Transaction
from shared.ids import OperationRef
from shared.money import Money
from shared.risk import answers
from shared.risk.answers import CODEC, AnswerRecord, load
from shared.risk.features import pending_reversals
from shared.risk.features.inputs import FeatureInputs
from shared.runtime.log import Log
from shared.storage.documents import Create, Delete, Document, Documents, Key
from shared.storage.due import LEASE
from shared.trace import Trace
from tests.shared.commands.test_command import COMMAND
from tests.support.builders.scheduled_work import NOW, Function
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS
from tests.support.faulty_documents import Troubled
from tests.support.faulty_publisher import TroubledPublisher

TRACE = Trace("0" * 31 + "1", "0" * 15 + "2")
RETAINED_UNTIL = NOW + timedelta(days=400)


def turn() -> TaskRun:
    return TaskRun(NOW, 100, TOKENS, TRACE, plenty())


async def unsent(documents: Documents, count: int = 1) -> list[Key]:
    operations = [OperationRef("transaction", f"op-{number}", 1) for number in range(count)]
    keys = [answers.CODEC.key(operation.key) for operation in operations]
    for key, operation in zip(keys, operations, strict=True):
        pending = [replace(COMMAND, id=f"{key.id}.{number}", operation=operation).encoded() for number in range(2)]
        record = AnswerRecord(b"digest", b'{"advice":"REJECT"}', NOW, pending)
        await documents.commit([Create(key, CODEC.encode(record), NOW, RETAINED_UNTIL)], plenty())
    return keys


def sent(publisher: TroubledPublisher) -> list[str]:
    return sorted(parse(each.data).id for messages in publisher.published.values() for each in messages)


async def test_the_commands_of_an_answer_are_published_and_cleared_and_its_record_stays(tmp_path: Path) -> None:
    function = Function(tmp_path, publisher=TroubledPublisher())
    [key] = await unsent(function.documents)
    assert (await function.call())[1]["unsent_answers"] == {"found": 1, "done": 1, "failed": 0}
    assert sum(map(len, function.publisher.published.values())) == 2
    [record] = await load(function.documents, [key], plenty())
    [document] = await function.documents.read([key], plenty())
    assert record is not None
    assert document is not None
    assert (record.pending, record.answer, document.due_at, document.expires_at) == (
        [],
        b'{"advice":"REJECT"}',
        None,
        RETAINED_UNTIL,
    )


@pytest.mark.parametrize("how", ["fail", "lost"])
async def test_while_publishing_fails_an_answer_comes_round_every_minute(tmp_path: Path, how: str) -> None:
    publisher = TroubledPublisher(how)
    function = Function(tmp_path, publisher=publisher)
    await unsent(function.documents)
    assert (await function.call())[0] == 503
    publisher.how = "work"
    assert (await function.call())[1]["unsent_answers"]["found"] == 0
    function.now = NOW + LEASE
    assert (await function.call())[1]["unsent_answers"] == {"found": 1, "done": 1, "failed": 0}
    assert len(set(sent(publisher))) == 2


async def test_a_damaged_record_holds_up_no_other(tmp_path: Path) -> None:
    function = Function(tmp_path)
    await unsent(function.documents, 3)
    await function.documents.commit([Create(Key("answers", "x"), b"?", NOW, RETAINED_UNTIL)], plenty())
    status, counts = await function.call()
    assert (status, counts["unsent_answers"]) == (503, {"found": 4, "done": 3, "failed": 1})


async def test_two_at_once_publish_each_answer_once(tmp_path: Path) -> None:
    file, publisher = tmp_path / "d.sqlite", TroubledPublisher()
    stores = [SqliteDocuments(file), SqliteDocuments(file)]
    try:
        await unsent(stores[0], 20)

        def work(store: Documents) -> UnsentAnswers:
            return UnsentAnswers(store, TopicCommandPublisher(publisher))

        done = await asyncio.gather(*(work(store).run(turn()) for store in stores))
    finally:
        for store in stores:
            await store.close()
    assert (sum(each.done for each in done), len(sent(publisher))) == (20, 40)
    assert len(set(sent(publisher))) == 40


@pytest.mark.parametrize("how", ["fail", "hang"])
async def test_a_store_in_trouble_is_told_in_time(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.scheduled_work.service.SECONDS", 0.3)
    monkeypatch.setattr("functions.scheduled_work.service._TO_FINISH", 0.1)
    documents = Troubled()
    await unsent(documents)
    documents.reads = documents.commits = how
    status, counts = await Function(tmp_path, documents).call()
    assert (status, counts["unsent_answers"]["failed"]) == (503, 1)


async def waits(documents: Documents, number: int = 1) -> Key:
    reversal = Transaction(
        event_id=f"r-{number}", client="C-1", kind=Kind.REVERSAL, occurred_at=NOW, amount=Money(5, "EUR"),
        reverses=f"e-{number}", reverses_at=NOW,
    )  # fmt: skip
    key = pending_reversals.key(FeatureInputs(client="t1_x"), f"e-{number}")
    await documents.commit(
        [Create(key, pending_reversals.CODEC.encode(pending_reversals.record(reversal)), NOW, RETAINED_UNTIL)], plenty()
    )
    return key


async def test_a_reversal_whose_event_does_not_come_is_reported_once_and_kept(tmp_path: Path) -> None:
    function = Function(tmp_path)
    key = await waits(function.documents)
    for _ in range(2):
        await function.call()
        function.now += LEASE
    [line] = function.lines("reversal_unmatched")
    assert (line["severity"], line["event_id"], line["reverses"]) == ("WARNING", "r-1", "e-1")
    [document] = await function.documents.read([key], plenty())
    assert document is not None
    assert (document.due_at, document.expires_at) == (None, RETAINED_UNTIL)


async def test_an_event_that_comes_while_its_absence_is_reported_is_no_failure() -> None:
    class Arriving(MemoryDocuments):
        async def due(self, *arguments: object, **named: object) -> list[Document]:
            due = await super().due(*arguments, **named)  # type: ignore[arg-type]  # passed on as they are
            for each in due[:1]:
                await self.commit([Delete(each.key)], plenty())
            return due

    documents = Arriving()
    await waits(documents)
    await waits(documents, 2)
    done = await LateReversals(documents, Log("test")).run(turn())
    assert (done.taken, done.done, done.failed) == (1, 1, [])
