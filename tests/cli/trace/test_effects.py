"""The story of an operation goes on behind the answer: commands, the review, the ticket, what the client was told."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from cli.trace.effects import find
from shared.commands import ledger
from shared.commands.status import CommandStatus
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.ids import OperationRef
from shared.risk.reviews.review import Decision, opened
from shared.risk.reviews.stored_review import StoredReview, written
from shared.storage.documents import Documents
from tests.cli.conftest import Cli
from tests.cli.trace.test_trace import write_logs, write_record
from tests.shared.commands.test_command import COMMAND
from tests.support.builders.operator_api import CLIENT, POLICY
from tests.support.deadlines import plenty

NOW = datetime.now(UTC).replace(microsecond=0)  # a store forgets what expired


async def write(documents: Documents, operation_id: str = "op-1") -> None:
    """A review of the operation `cards` that was rejected, and its ticket, which took two tries."""
    operation = OperationRef("cards", operation_id, 1)
    review = opened(operation, COMMAND.payload, POLICY, "cards@1", timedelta(days=1), NOW, CLIENT)
    decided = replace(review, decision=Decision("reject", "ana@bank.example", NOW + timedelta(minutes=5), "FRAUD"))
    ticket = replace(COMMAND, id=f"{review.id}:open", type="create_ticket", operation=operation)
    entry = msgspec.structs.replace(
        ledger.accepted(ticket, ticket.digest(), NOW), status=CommandStatus.DONE, attempts=2, result={"ticket": "R-1"}
    )
    writes = [ledger.write(ledger.key(ticket.id), None, entry), written(None, StoredReview(decided), NOW)]
    await documents.commit(writes, plenty())


@pytest.fixture
def recorded(state: Path) -> Path:
    """The state directory of a stack in which it happened."""
    write_logs(state)
    write_record(state)

    async def stored() -> None:
        documents = SqliteDocuments(state / "documents.sqlite")
        await write(documents)
        await documents.close()

    asyncio.run(stored())
    return state


def test_people_read_how_the_review_ended_and_which_ticket_there_is(cli: Cli, recorded: Path) -> None:
    lines = [line.lstrip("│├└─ ") for line in cli("trace", "op-1").output.splitlines()]
    assert lines[-3:] == [
        f"review cards.op-1.1: rejected since {NOW + timedelta(minutes=5):%Y-%m-%d %H:%M:%S}Z  FRAUD",
        "create_ticket         done  ticket=R-1",
        f"command cards.op-1.1:open, accepted {NOW:%Y-%m-%d %H:%M:%S}.000000Z, 0 ms, 2 tries",
    ]


def test_who_decided_is_not_told(cli: Cli, recorded: Path) -> None:
    assert ["ana@bank" in cli("trace", "op-1", *form).output for form in ((), ("--json",))] == [False, False]


def test_scripts_get_commands_and_reviews(cli: Cli, recorded: Path) -> None:
    story = json.loads(cli("trace", "op-1", "--json").output)
    [command], [review] = story["commands"], story["reviews"]
    assert (command["type"], command["status"], command["result"]) == ("create_ticket", "done", {"ticket": "R-1"})
    assert (review["status"], review["reason"]) == ("rejected", "FRAUD")


async def test_an_operation_whose_id_begins_like_it_is_another_one() -> None:
    documents = MemoryDocuments()
    await write(documents, "op-1.2")
    effects = await find(documents, "op-1", {"cards"}, plenty())
    assert (effects.commands, effects.reviews) == ([], [])
    assert len((await find(documents, "op-1.2", {"cards"}, plenty())).commands) == 1
