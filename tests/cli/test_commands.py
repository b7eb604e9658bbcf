import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shared.commands import ledger
from shared.commands.status import CommandStatus
from shared.deadline import Deadline
from shared.embedded.sqlite_documents import SqliteDocuments
from shared.storage.documents import Create, Document
from tests.cli.conftest import Cli
from tests.shared.commands.test_command import COMMAND
from tests.support.deadlines import plenty

NOW = datetime.now(UTC)  # of long ago nothing is kept
ACCEPTED = ledger.accepted(COMMAND, COMMAND.digest(), NOW)
TICKET = replace(ACCEPTED, type="create_ticket", status=CommandStatus.DONE, result={"ticket": "FRAUD-1"}, attempts=2)


@pytest.fixture
def entries(state: Path) -> None:
    """Three tickets, two of them parked, a review, and an entry that nobody can read."""
    parked = replace(ACCEPTED, type="create_ticket", code="deferred")
    kept = {"t-1": TICKET, "t-2": parked, "t-3": parked, "r-1": ACCEPTED}
    writes = [ledger.write(ledger.key(name), None, entry) for name, entry in kept.items()]

    async def write() -> None:
        documents = SqliteDocuments(state / "documents.sqlite")
        await documents.commit([*writes, Create(ledger.key("damaged"), b"\xff")], plenty())
        await documents.close()

    asyncio.run(write())


@pytest.mark.usefixtures("entries")
def test_counts_add_up_to_what_was_accepted(cli: Cli) -> None:
    counts = json.loads(cli("commands", "count", "--json").output)
    assert counts["accepted"] == {"create_ticket": 3, "open_review": 1}
    assert {name: count for name, count in counts["types"]["create_ticket"].items() if count} == {
        "done": 1,
        "parked": 2,
    }
    assert counts["unreadable"] == 1


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("what", ["count", "list"])
def test_a_ledger_of_any_length_is_gone_through_since_each_page_has_its_own_time(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    deadlines: list[float] = []

    class Watched(SqliteDocuments):
        async def scan(self, collection: str, deadline: Deadline, **options: Any) -> list[Document]:
            deadlines.append(deadline.at)
            return await super().scan(collection, deadline, **options)

    monkeypatch.setattr("shared.embedded.sqlite_documents.SqliteDocuments", Watched)
    monkeypatch.setattr("cli.commands._PAGE", 1)
    assert cli("commands", what).exit_code == 0
    assert (len(deadlines), deadlines) == (6, sorted(set(deadlines)))


@pytest.mark.usefixtures("entries")
def test_counts_are_a_table_for_people(cli: Cli) -> None:
    lines = cli("commands", "count", "--type", "create_ticket").output.splitlines()
    assert lines[0].split() == ["type", *CommandStatus, "accepted"]
    assert lines[1].split() == ["create_ticket", "0", "2", "1", "0", "0", "0", "0", "0", "3"]
    assert lines[2] == "1 entries cannot be read"


@pytest.mark.usefixtures("entries")
def test_one_is_shown_with_all_that_is_known_of_it(cli: Cli) -> None:
    standing = json.loads(cli("commands", "show", "t-1", "--json").output)
    assert (standing["status"], standing["result"], standing["attempts"], standing["operation"]) == (
        "done", "ticket FRAUD-1", 2, "transaction.op-1.1",
    )  # fmt: skip
    assert "FRAUD-1" in cli("commands", "show", "t-1").output


@pytest.mark.usefixtures("entries")
def test_a_list_shows_what_stands_so(cli: Cli) -> None:
    rows = json.loads(cli("commands", "list", "--status", "parked", "--type", "create_ticket", "--json").output)
    assert [(row["id"], row["code"]) for row in rows] == [("t-2", "deferred"), ("t-3", "deferred")]
    assert len(json.loads(cli("commands", "list", "--limit", "1", "--json").output)) == 1
    assert cli("commands", "list", "--status", "ambiguous").output == "no such command\n"


def test_an_id_that_was_never_accepted_is_told_with_where_to_look(cli: Cli) -> None:
    result = cli("commands", "show", "nobody")
    assert (result.exit_code, result.output) == (
        1, "error: no command nobody was accepted: if it was published, look at `dead-letters list`\n",
    )  # fmt: skip
