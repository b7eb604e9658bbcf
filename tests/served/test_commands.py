"""Commands through the whole stack by real push, on the local broker and SQLite as on Google's emulators."""

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local.stack.stack import Settings, Stack
from shared.commands import kill_switches, ledger
from shared.commands.kill_switches import Switch
from shared.commands.ledger import Entry
from shared.commands.status import CommandStatus
from shared.dead_letters.store import StoredLetter
from shared.messaging.messages import Message
from shared.storage.documents import put
from tests.support.commanded import NOW, commanded
from tests.support.deadlines import plenty

FUNCTIONS = ("command_dispatch", "dead_letters", "scheduled_work")
SETTLING = {"SLACKER_JIRA_SETTLING": "4", "SLACKER_TRANSACTIONS_SETTLING": "1"}


@pytest.fixture(params=["broker", "emulators"])
async def stack(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stack]:
    emulators = request.param == "emulators"
    if emulators and os.environ.get("CI") != "true" and not (shutil.which("gcloud") and shutil.which("java")):
        pytest.skip("needs Google's emulators: gcloud and Java")
    async with Stack(
        Settings(state=tmp_path / "state", environment=SETTLING, emulators=emulators), FUNCTIONS
    ) as running:
        yield running


async def entries(stack: Stack) -> dict[str, Entry]:
    store = stack.backend()
    try:
        documents = await store.documents.scan(ledger.COLLECTION, plenty(), limit=1000)
    finally:
        await store.close()
    return {document.key.id: ledger.read(document) for document in documents}


async def turn(stack: Stack, kind: str, *, on: bool) -> None:
    store, key = stack.backend(), kill_switches.key(kind)
    try:
        [document] = await store.documents.read([key], plenty())
        state = kill_switches.CODEC.encode(Switch(on, "anna@slacker.local", NOW, "a test"))
        await store.documents.commit([put(document, key, state)], plenty())
    finally:
        await store.close()


async def until(stack: Stack, expected: dict[CommandStatus, int]) -> dict[str, Entry]:
    """The ledger, once its entries stand so."""
    async with asyncio.timeout(90):
        while True:
            ledger_entries = await entries(stack)
            if Counter(entry.status for entry in ledger_entries.values()) == expected:
                return ledger_entries
            await asyncio.sleep(0.3)


async def letters(stack: Stack, count: int) -> list[str]:
    """The codes of the dead letters, once there are so many."""
    store = stack.backend()
    try:
        async with asyncio.timeout(60):
            while len(documents := await store.documents.scan("dead_letters", plenty())) < count:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.3)
    finally:
        await store.close()
    return sorted(StoredLetter.of(document).letter.code for document in documents)


async def test_each_is_done_once_or_parked_by_its_switch_and_what_is_none_is_a_dead_letter(stack: Stack) -> None:
    made = commanded(3, 60)
    tickets = [command for command in made.good.values() if command.type == "create_ticket"]
    others = [command for command in made.good.values() if command.type == "notify_client"]
    await turn(stack, "notify_client", on=False)
    for topic, commands in (("commands-create-ticket", tickets), ("commands-notify-client", others)):
        await stack.publish(topic, [Message(command.encoded()) for command in (*commands, *commands)])
    await stack.publish("commands-create-ticket", [Message(b"{"), Message(others[0].encoded())])
    in_ledger = await until(stack, {CommandStatus.DONE: len(tickets), CommandStatus.PARKED: len(others)})
    keys = [entry.result["ticket"] for entry in in_ledger.values() if entry.status is CommandStatus.DONE]
    assert len(set(keys)) == len(tickets)
    assert {entry.code for entry in in_ledger.values() if entry.status is CommandStatus.PARKED} == {"switched_off"}
    assert await letters(stack, 2) == ["invalid", "malformed"]
