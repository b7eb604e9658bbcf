"""What became of the commands is read from the store: nothing that was issued is missing, nothing still goes on."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from local.report.command_outcomes import CommandOutcomes, settled_outcomes, take_snapshot, unfinished
from local.report.command_outcomes_view import figures, lines
from shared.commands import ledger
from shared.commands.command import Command
from shared.commands.status import CommandStatus
from shared.commands.types import command_topics
from shared.embedded.memory_documents import MemoryDocuments
from shared.notifications import history
from shared.risk.reviews.review import Decision, Review, opened
from shared.risk.reviews.stored_review import StoredReview, review_key, written
from shared.storage.documents import Create
from tests.shared.commands.test_command import COMMAND
from tests.support.builders.operator_api import CLIENT, POLICY
from tests.support.deadlines import plenty

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
REVIEW = "transaction.op-1.1"
AMOUNT = {"minor": 75442, "currency": "EUR"}


def review(verdict: str | None = None) -> Review:
    assert COMMAND.operation is not None
    payload = {**COMMAND.payload, "amount": AMOUNT}
    pending = opened(COMMAND.operation, payload, POLICY, "transaction@1", timedelta(days=1), NOW, CLIENT)
    return replace(pending, decision=Decision("reject", "anna@slacker.local", NOW, "FRAUD")) if verdict else pending


async def keep(documents: MemoryDocuments, command: Command, status: CommandStatus, **result: str) -> None:
    entry = ledger.accepted(command, command.digest(), NOW)
    entry = msgspec.structs.replace(entry, status=status, result=result)
    await documents.commit([ledger.write(ledger.key(command.id), None, entry)], plenty())


async def story(documents: MemoryDocuments) -> None:
    """A review with its ticket, rejected, and the message to its client."""
    await keep(documents, COMMAND, CommandStatus.DONE, review=REVIEW)
    await keep(
        documents, replace(COMMAND, id=f"{REVIEW}:open", type="create_ticket"), CommandStatus.DONE, ticket="REVIEW-1"
    )
    resolution = replace(COMMAND, id=f"{REVIEW}:done", type="resolve_transaction")
    await keep(documents, resolution, CommandStatus.DONE, transaction="rejected", told=f"{REVIEW}:told")
    await keep(documents, replace(COMMAND, id=f"{REVIEW}:told", type="notify_client"), CommandStatus.DONE)
    entry = history.HistoryEntry(
        f"{REVIEW}:told", b"", "payment_rejected@1", "security", "push", history.Status.SENT, NOW, NOW
    )
    kept = history.CODEC.encode(history.History(entries=(entry,)))
    record = written(None, StoredReview(review("reject")), NOW)
    assert isinstance(record, Create)
    assert record.key == review_key(REVIEW)
    await documents.commit([Create(history.key("t1_x"), kept), record], plenty())


def logs(folder: Path, *, issued: list[str], parked: list[str]) -> Path:
    answers = [{"kind": "answer", "commands": issued}, {"kind": "answer"}]
    commands = [{"kind": "command", "command_id": command, "outcome": "parked"} for command in parked]
    messages = [
        {"kind": "notification", "command_id": f"{REVIEW}:told", "outcome": outcome} for outcome in ("waiting", "sent")
    ]
    for name, entries in (("advice", answers), ("command_dispatch", commands), ("push_notification", messages)):
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in entries)
        (folder / f"{name}.jsonl").write_text(text)
    return folder


async def test_a_story_that_is_over_is_told_at_once(tmp_path: Path) -> None:
    documents = MemoryDocuments()
    await story(documents)
    folder = logs(tmp_path, issued=["transaction.op-1.1.0"], parked=[f"{REVIEW}:open"] * 2)
    result = await settled_outcomes(documents, folder, 30)
    assert figures(result) == {
        "issued": 1,
        "missing": [],
        "commands": {kind: {"done": 1} for kind in command_topics()},
        "recovered": {"create_ticket": [1, 1], "messages": [1, 1]},
        "tickets": 1,
        "reviews": {"rejected": 1},
        "messages": {"sent": 1},
    }
    assert lines(result, review("reject")) == [
        f"review {REVIEW}: 754.42 EUR, NEW_PAYEE",
        "ticket REVIEW-1",
        "rejected by anna@slacker.local: FRAUD",
        "transaction service: rejected",
        "client: payment_rejected@1 by push, sent",
        "python -m cli trace op-1",
    ]


async def test_a_command_that_is_in_no_state_is_missing(tmp_path: Path) -> None:
    result = await settled_outcomes(MemoryDocuments(), logs(tmp_path, issued=["a", "b"], parked=[]), 0)
    assert (result.missing, result.commands) == (["a", "b"], {})


async def test_what_a_review_leads_to_is_waited_for() -> None:
    documents = MemoryDocuments()
    record = written(None, StoredReview(review("reject")), NOW)
    await documents.commit([record], plenty())
    snapshot = await take_snapshot(documents)
    assert sorted(unfinished([], snapshot)) == [f"{REVIEW}:done", f"{REVIEW}:open"]


async def test_a_message_that_was_handed_over_is_waited_for_until_it_has_an_end() -> None:
    documents = MemoryDocuments()
    await keep(documents, replace(COMMAND, id="x", type="notify_client"), CommandStatus.DONE)
    await keep(documents, replace(COMMAND, id="y"), CommandStatus.PARKED)
    result = CommandOutcomes(["x"], [], [], await take_snapshot(documents))
    assert (sorted(unfinished(["x"], result.snapshot)), result.missing) == (["x", "y"], [])
