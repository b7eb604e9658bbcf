"""Commands twice, broken and contradicted, while downstreams fail at random, every process is killed and the store
stalls: the states add up, nothing is done twice, and every dead letter says why.

`SLACKER_CAMPAIGN_COMMANDS=100000 pytest -s tests/simulation/test_commands.py` makes it a long one, with its progress.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

from local.stack.messaging import BrokerMessaging
from local.stack.process import ROOT
from local.stack.stack import Settings, Stack
from shared.catalogue.bootstrap import publish_bundled
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS
from shared.catalogue.yaml_files import content
from shared.commands import ledger
from shared.commands.ledger import Entry
from shared.commands.status import FINAL, CommandStatus
from shared.dead_letters.store import StoredLetter
from shared.risk.reviews.stored_review import StoredReview, written
from shared.storage.documents import Document, Documents
from tests.simulation.test_event_campaign import publish, stall
from tests.support.builders.signatures import signed_throughout
from tests.support.commanded import NOW, Commanded, commanded
from tests.support.deadlines import plenty
from tests.support.progress import tell

COMMANDS = int(os.environ.get("SLACKER_CAMPAIGN_COMMANDS", "300"))
FUNCTIONS = ("command_dispatch", "dead_letters", "scheduled_work")
KILLED = ("command_dispatch", "broker", "dead_letters", "scheduled_work")
FLAKY = ("jira", "transactions")
SETTLING = {"SLACKER_JIRA_SETTLING": "4", "SLACKER_TRANSACTIONS_SETTLING": "1"}
"""Seconds: more than the stand-in's search lags."""

_CHUNK = 50
_ROUND = 20  # chunks between two troubles in a long campaign
_MAX_WAITING = 2_000
_SETTLED_WITHIN = 180.0 + COMMANDS / 20


async def test_every_command_is_done_once_or_says_why_not(tmp_path: Path) -> None:
    made = commanded(5, COMMANDS)
    settings = Settings(state=tmp_path / "state", environment=SETTLING)
    async with Stack(settings, FUNCTIONS) as stack:
        store = stack.backend()
        try:
            await _decide(store.documents, settings.state, made)
            await _switch(stack, "flaky")
            await _send(stack, store.documents, made)
            await _switch(stack, "well")
            entries = await _settled(stack, store.documents, made)
            letters = [StoredLetter.of(document).letter for document in await _all(store.documents, "dead_letters")]
            issues, resolved = await _table(stack, "jira"), await _table(stack, "transactions")
        finally:
            await store.close()
        restarts = {name: stack.processes[name].restarts for name in KILLED}
    assert all(restarts.values()), restarts
    _check_states(entries, made)
    _check_downstreams(entries, issues, resolved)
    assert all(letter.code and letter.reason for letter in letters)
    codes = Counter(letter.code for letter in letters)
    assert codes["conflict"] >= len(made.conflicts)
    assert codes["malformed"] + codes["invalid"] + codes["too_large"] >= made.broken
    assert codes["forbidden"] >= len(made.undecided)


def _check_states(entries: dict[str, Entry], made: Commanded) -> None:
    """Every id that was accepted has one final state, and those that were sent whole were all accepted."""
    assert set(made.good) <= set(entries)
    derived = {id_ for id_ in set(entries) - set(made.good) if not id_.startswith("transaction.")}
    assert derived == set()
    counts = Counter(entry.status for entry in entries.values())
    assert sum(counts[status] for status in FINAL) == len(entries)
    dead = {id_ for id_, entry in entries.items() if entry.status is CommandStatus.DEAD_LETTERED}
    assert dead == made.undecided
    # A conflicting command may be the first of the two to come; then it is the one that is done.
    assert counts[CommandStatus.DONE] == len(entries) - len(dead)


def _check_downstreams(entries: dict[str, Entry], issues: list[list[Any]], resolved: list[list[Any]]) -> None:
    """One ticket for each that was done, one resolution, and none for anything else."""
    labels = Counter(label for row in issues for label in row[4].split() if label.startswith("slacker-"))
    ours = {label: count for label, count in labels.items() if label.removeprefix("slacker-") in entries}
    assert ours == {f"slacker-{id_}": 1 for id_ in _done(entries, "create_ticket")}
    assert Counter(row[4] for row in resolved) == dict.fromkeys(_done(entries, "resolve_transaction"), 1)


def _done(entries: dict[str, Entry], kind: str) -> set[str]:
    return {id_ for id_, entry in entries.items() if entry.type == kind and entry.status is CommandStatus.DONE}


async def _decide(documents: Documents, state: Path, made: Commanded) -> None:
    """Put the operation in force, and the reviews on record that the resolutions come from."""
    operation = {"transaction": content(ROOT / "functions" / "advice" / "operations" / "transaction.yaml")}
    await publish_bundled(Catalogue(documents, OPERATIONS), operation, now=NOW, deadline=plenty())
    for start in range(0, len(made.reviews), 100):
        signed = [await signed_throughout(review, state) for review in made.reviews[start : start + 100]]
        writes = [written(None, StoredReview(review), NOW) for review in signed]
        await documents.commit(writes, plenty())


async def _send(stack: Stack, documents: Documents, made: Commanded) -> None:
    """Publish everything in order, and now and then let something go wrong."""
    troubles: Sequence[Callable[[], Coroutine[Any, Any, None]]] = [
        *(lambda name=name: stack.processes[name].kill() for name in KILLED),
        lambda: stall(stack),
    ]
    chunks = [made.messages[start : start + _CHUNK] for start in range(0, len(made.messages), _CHUNK)]
    every = max(1, min(_ROUND, len(chunks) // (len(troubles) + 1)))
    running: list[asyncio.Task[None]] = []
    for number, batch in enumerate(chunks):
        if number % every == every - 1:
            running.append(asyncio.create_task(troubles[len(running) % len(troubles)]()))
        for topic in {topic for topic, _ in batch}:
            await publish(stack, topic, [message for at, message in batch if at == topic])
        while await _backlog(stack) > _MAX_WAITING:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.5)
        if number % 20 == 0:
            tell(f"{number * _CHUNK:,} of {len(made.messages):,} messages sent, {len(running)} troubles", COMMANDS)
    await asyncio.gather(*running)


async def _settled(stack: Stack, documents: Documents, made: Commanded) -> dict[str, Entry]:
    """The ledger, once nothing in it goes on and nothing is on its way."""
    async with asyncio.timeout(_SETTLED_WITHIN):
        while True:
            entries = {document.key.id: ledger.read(document) for document in await _all(documents, ledger.COLLECTION)}
            waiting = Counter(
                entry.code or entry.status for entry in entries.values() if not entry.final or entry.dead_letter_pending
            )
            backlog = await _backlog(stack)
            tell(f"{len(entries):,} accepted, {backlog:,} on their way, waiting: {dict(waiting)}", COMMANDS)
            if not waiting and not backlog:
                return entries
            await asyncio.sleep(1 + len(entries) / 20_000)


async def _backlog(stack: Stack) -> int:
    """Messages that some function of this stack has not acknowledged yet."""
    assert isinstance(stack.messaging, BrokerMessaging)
    with suppress(aiohttp.ClientError):
        status = await stack.messaging.status()
        return sum(
            subscription.backlog
            for subscription in status.subscriptions
            if subscription.name.rpartition(".")[2] in FUNCTIONS
        )
    return 1  # the broker has been killed


async def _all(documents: Documents, collection: str) -> list[Document]:
    documents_read: list[Document] = []
    while page := await documents.scan(
        collection, plenty(), after=documents_read[-1].key.id if documents_read else "", limit=900
    ):
        documents_read += page
    return documents_read


async def _switch(stack: Stack, preset: str) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        for name in FLAKY:
            await session.post(f"{stack.stand_ins[name]}/_switches/{preset}", allow_redirects=False)


async def _table(stack: Stack, name: str) -> list[list[Any]]:
    url = f"{stack.stand_ins[name]}/_tables"
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(url) as answer:
        [table] = await answer.json()
        rows: list[list[Any]] = table["rows"]
        return rows
