"""What an instance left behind when it died is done by the stack's clock, scheduled work and command_dispatch."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from msgspec.structs import replace

from local.stack.bootstrap import publish
from local.stack.stack import Settings, Stack
from shared.commands import ledger
from shared.commands.status import CommandStatus
from shared.ids import OperationRef
from shared.risk.answers import CODEC, AnswerRecord, load, record_key
from shared.risk.reviews.store import Reviews
from shared.storage.documents import Create, Documents
from tests.shared.commands.test_command import COMMAND
from tests.support.deadlines import plenty

FUNCTIONS = ("command_dispatch", "scheduled_work")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with Stack(Settings(state=tmp_path_factory.mktemp("state")), FUNCTIONS) as running:
        yield running


async def left_behind(documents: Documents, operation: OperationRef) -> str:
    """The record of an answer whose command nobody published, and the command's id."""
    now = datetime.now(UTC)
    command = replace(
        COMMAND,
        id=f"{operation.key}.0",
        issued_at=now,
        not_after=now + timedelta(hours=1),
        operation=operation,
    )
    record = AnswerRecord(b"digest", b'{"advice":"MANUAL_APPROVAL_NEEDED"}', now, [command.encoded()])
    key = record_key(operation.name, operation.id, operation.attempt)
    await documents.commit([Create(key, CODEC.encode(record), now, now + timedelta(days=1))], plenty())
    return command.id


async def done(documents: Documents, command_id: str) -> None:
    """Wait until a command is done."""
    async with asyncio.timeout(60):
        while True:
            [document] = await documents.read([ledger.key(command_id)], plenty())
            if document is not None and ledger.read(document).status is CommandStatus.DONE:
                return
            await asyncio.sleep(0.1)  # in another process


@pytest.mark.asyncio(loop_scope="module")
async def test_a_command_that_advice_could_not_publish_leads_to_its_review_and_ticket(
    stack: Stack,
) -> None:
    store = stack.backend()
    try:
        await publish(store)
        operation = OperationRef("transaction", "left-behind-1", 1)
        await done(store.documents, await left_behind(store.documents, operation))
        await done(store.documents, f"{operation.key}:open")
        review = await Reviews(store.documents).find(operation.key, plenty())
        [record] = await load(store.documents, [record_key("transaction", "left-behind-1", 1)], plenty())
    finally:
        await store.close()
    assert (review.status, review.client[:3]) == ("open", "t1_")
    assert record is not None
    assert record.pending == []


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_due_is_done_though_scheduled_work_and_the_broker_are_killed_meanwhile(stack: Stack) -> None:
    store = stack.backend()
    try:
        await publish(store)
        ids = [
            await left_behind(store.documents, OperationRef("transaction", f"killed-{number}", 1))
            for number in range(20)
        ]
        for name in ("scheduled_work", "broker", "command_dispatch"):
            await stack.processes[name].kill()
        for id_ in ids:
            await done(store.documents, id_)
    finally:
        await store.close()
    lines = (stack.state.logs / "scheduled_work.jsonl").read_text().splitlines()
    assert {json.loads(line)["work"] for line in lines if '"work_done"' in line} >= {"unsent_answers"}
