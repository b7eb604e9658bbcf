"""Dead letters, really served: a broken command goes on record, is mended at a keyboard, and done after all; an event
goes back to its topic and comes back as another letter.
"""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from local.stack.stack import Settings, Stack
from shared.commands import ledger
from shared.commands.command import Command
from shared.commands.status import CommandStatus
from shared.messaging.messages import Message
from tests.served.test_operators import cli, until
from tests.support.deadlines import plenty

pytestmark = pytest.mark.asyncio(loop_scope="module")

FUNCTIONS = ("risk_features", "merchant_features", "command_dispatch", "dead_letters", "operator_api", "scheduled_work")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with Stack(Settings(state=tmp_path_factory.mktemp("letters") / "state"), FUNCTIONS) as running:
        yield running


async def letters(stack: Stack, *options: str) -> list[dict[str, Any]]:
    result = await cli(stack, "anna", "dead-letters", "list", "--json", *options)
    assert result.exit_code == 0, result.output
    listed: list[dict[str, Any]] = json.loads(result.stdout)["letters"]
    return listed


async def status(stack: Stack, id_: str) -> CommandStatus | None:
    ports = stack.backend()
    [document] = await ports.documents.read([ledger.key(id_)], plenty())
    await ports.close()
    return ledger.read(document).status if document is not None else None


async def test_a_broken_command_is_mended_and_done(stack: Stack) -> None:
    now = datetime.now(UTC)
    broken = Command(
        id="mended-1", type="create_ticket", version=1, issued_at=now, issued_by="risk_decision",
        not_after=now + timedelta(days=1), payload={"kind": "Manual review!", "summary": "Look", "client_id": "C-1"},
    )  # fmt: skip
    await stack.publish("commands-create-ticket", [Message(broken.encoded())])
    [letter] = await until(lambda: letters(stack, "--type", "create_ticket", "--client", "C-1"), bool)
    assert (letter["subject"], letter["field"]) == ("mended-1", "/payload/kind")
    id_, purpose = letter["letter"], ("--why", "case 7")
    mended = await cli(stack, "anna", "dead-letters", "edit", id_, "--set", "payload.kind=fraud_case", *purpose)
    assert mended.exit_code == 0, mended.output
    sent = await cli(stack, "ben", "dead-letters", "redrive", id_, *purpose)
    assert sent.output.startswith("redriven: sent from")
    assert await until(lambda: status(stack, "mended-1"), lambda reached: reached is CommandStatus.DONE)


async def test_an_event_that_is_redriven_and_still_wrong_is_another_letter(stack: Stack) -> None:
    """Both that its receivers made of it; the new ones say which they follow."""
    await stack.publish("transactions", [Message(b"\xff\xff", {"kafka.offset": "7"})])
    first = await until(lambda: letters(stack, "--type", "transactions"), lambda listed: len(listed) == 2)
    id_ = first[0]["letter"]
    assert (await cli(stack, "anna", "dead-letters", "redrive", id_, "--why", "case 7")).exit_code == 0
    waiting = await until(lambda: letters(stack, "--type", "transactions"), lambda listed: len(listed) == 3)
    views = [await cli(stack, "anna", "dead-letters", "show", letter["letter"], "--json") for letter in waiting]
    assert [json.loads(view.stdout)["follows"] for view in views] == ["", id_, id_]


async def test_what_people_did_is_on_record(stack: Stack) -> None:
    result = await cli(stack, "cleo", "audit", "list", "--json", "--action", "dead_letters.redrive")
    assert [entry["actor"] for entry in json.loads(result.stdout)] == ["anna@slacker.local", "ben@slacker.local"]
