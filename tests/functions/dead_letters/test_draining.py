"""Every dead letter goes on record, once, with a reason that a person understands."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shared.commands import ledger
from shared.commands.command import Command
from shared.commands.status import CommandStatus
from shared.dead_letters.letter import CHUNK_BYTES
from shared.errors import Invalid, Problem, TooLarge
from shared.events.avro.events import encode
from shared.ids import OperationRef
from shared.messaging.dead_letter_publisher import EVENTS
from shared.messaging.messages import Message
from shared.storage.documents import Document, Update
from tests.shared.events.test_decision import line
from tests.support.builders.dead_letters import AT, TICKETS, Drain, buried, forwarded
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS
from tests.support.faulty_documents import Troubled

NOW = datetime.now(UTC)
COMMAND = Command(
    id="transaction.op-1.1.0", type="create_ticket", version=1, issued_at=NOW, issued_by="risk_decision",
    not_after=NOW + timedelta(days=1), payload={"kind": "fraud", "summary": "Look", "client_id": "C-1"},
    operation=OperationRef("transaction", "op-1", 1),
)  # fmt: skip
ERROR = Invalid(Problem("/payload/kind", "a kind expected"))
CLIENT = TOKENS.client("C-1")


async def entry_of(drain: Drain) -> Document | None:
    [document] = await drain.documents.read([ledger.key(COMMAND.id)], plenty())
    return document


async def test_what_a_function_buried_is_on_record_with_all_it_said(tmp_path: Path) -> None:
    drain, message = Drain(tmp_path), Message(COMMAND.encoded(), {"kafka.offset": "7"})
    assert await drain.push(await buried(message, ERROR, attempt=3)) == 204
    stored, body = await drain.only()
    letter = stored.letter
    assert stored.id.startswith("2026-03-01T12:00:00.123Z.")
    assert (body, letter.attributes, letter.published_at, letter.message) == (
        message.data, {"kafka.offset": "7"}, AT, "m-7",
    )  # fmt: skip
    assert (letter.code, letter.reason, letter.field) == (
        "invalid", "/payload/kind: a kind expected", "/payload/kind",
    )  # fmt: skip
    assert (letter.subscription, letter.function, letter.attempt) == (TICKETS, "command_dispatch", 3)
    assert (letter.type, letter.subject, letter.operation, letter.client) == (
        "create_ticket", COMMAND.id, "transaction.op-1.1", CLIENT,
    )  # fmt: skip
    assert letter.status == "waiting"
    [line] = drain.lines()
    assert (line["kind"], line["letter"], line["reason"]) == ("dead_letter_kept", stored.id, letter.reason)


async def test_the_same_message_is_one_letter_however_it_comes(tmp_path: Path) -> None:
    """Delivered again, buried again, and forwarded by Pub/Sub besides."""
    drain, message = Drain(tmp_path), Message(COMMAND.encoded(), {"kafka.offset": "7"})
    first = await buried(message, ERROR)
    again = await buried(message, TooLarge(3), attempt=2)
    assert [await drain.push(each) for each in (first, first, again, forwarded(message))] == [204] * 4
    assert [letter.reason for letter in await drain.letters()] == ["/payload/kind: a kind expected"]
    assert len(drain.lines()) == 1


async def test_another_subscriptions_letter_of_the_same_message_is_another_one(tmp_path: Path) -> None:
    drain = Drain(tmp_path)
    for subscriber in ("risk_features", "merchant_features"):
        await drain.push(await buried(Message(b"x"), ERROR, f"transactions.{subscriber}"), EVENTS)
    assert len(await drain.letters()) == 2


async def test_what_pubsub_itself_gave_up_says_how_often_it_came(tmp_path: Path) -> None:
    drain = Drain(tmp_path)
    assert await drain.push(forwarded(Message(b"\xff", {"a": "b"}))) == 204
    [letter] = await drain.letters()
    assert (letter.code, letter.attempt, letter.subscription, letter.function) == (
        "not_delivered", 20, TICKETS, "command_dispatch",
    )  # fmt: skip
    assert letter.reason.startswith("delivered 20 times without success")
    assert (letter.attributes, letter.published_at) == ({"a": "b"}, AT.replace(microsecond=123000))


async def test_a_message_that_somebody_just_published_there_is_kept_too(tmp_path: Path) -> None:
    drain = Drain(tmp_path)
    assert await drain.push(Message(b"", {"x": "y"})) == 204
    [letter] = await drain.letters()
    assert (letter.code, letter.type, letter.reason[:21]) == ("unexplained", "unknown", "came without a reason")


async def test_a_command_that_pubsub_gave_up_is_dead_lettered_in_its_ledger(tmp_path: Path) -> None:
    """Once: should it be opened again meanwhile, a further delivery of the letter changes nothing."""
    drain, message = Drain(tmp_path), forwarded(Message(COMMAND.encoded()))
    assert await drain.push(message) == 204
    entry = await entry_of(drain)
    assert entry is not None
    assert ledger.read(entry).status is CommandStatus.DEAD_LETTERED
    reopened = ledger.reopened(entry, COMMAND, NOW)
    await drain.documents.commit([reopened], plenty())
    assert await drain.push(message) == 204
    entry = await entry_of(drain)
    assert entry is not None
    assert ledger.read(entry).status is CommandStatus.PARKED


async def test_while_a_command_is_being_done_its_letter_comes_again(tmp_path: Path) -> None:
    drain = Drain(tmp_path)
    fresh = ledger.accepted(COMMAND, COMMAND.digest(), NOW)
    claimed = ledger.Entry(**{name: getattr(fresh, name) for name in fresh.__struct_fields__} | {
        "status": CommandStatus.CLAIMED, "until": datetime.now(UTC) + timedelta(minutes=1),
    })  # fmt: skip
    await drain.documents.commit([ledger.write(ledger.key(COMMAND.id), None, claimed)], plenty())
    assert await drain.push(forwarded(Message(COMMAND.encoded()))) == 503
    assert await drain.letters() == []


@pytest.mark.parametrize("payload", [{"kind": "other", "summary": "Look"}, {}])
async def test_a_letter_says_nothing_about_another_command_of_its_id(tmp_path: Path, payload: dict[str, Any]) -> None:
    """Nor does one that came by a topic that is not its type's, or that is no command."""
    drain, other = Drain(tmp_path), replace(COMMAND, payload=payload)
    await drain.documents.commit(
        [ledger.write(ledger.key(COMMAND.id), None, ledger.accepted(COMMAND, COMMAND.digest(), NOW))], plenty()
    )
    before = await entry_of(drain)
    assert await drain.push(forwarded(Message(other.encoded()))) == 204
    assert await drain.push(forwarded(Message(COMMAND.encoded()), "commands-notify-client.command_dispatch")) == 204
    assert await entry_of(drain) == before
    assert len(await drain.letters()) == 2


async def test_a_ledger_that_cannot_be_read_keeps_no_letter_away(tmp_path: Path) -> None:
    drain = Drain(tmp_path)
    broken = ledger.write(ledger.key(COMMAND.id), None, ledger.accepted(COMMAND, COMMAND.digest(), NOW))
    await drain.documents.commit([broken], plenty())
    entry = await entry_of(drain)
    assert entry is not None
    await drain.documents.commit([Update(entry.key, entry.version, b"\xc1")], plenty())
    assert await drain.push(forwarded(Message(COMMAND.encoded()))) == 204
    assert len(await drain.letters()) == 1
    assert [each["kind"] for each in drain.lines()] == ["ledger_not_settled", "dead_letter_kept"]


async def test_a_ticket_that_names_its_client_by_a_token_is_found_by_that_client(tmp_path: Path) -> None:
    drain = Drain(tmp_path)
    ticket = replace(COMMAND, payload={**COMMAND.payload, "client_id": CLIENT})
    await drain.push(await buried(Message(ticket.encoded()), ERROR))
    assert [letter.client for letter in await drain.letters()] == [CLIENT]


async def test_an_event_is_found_by_its_client_where_it_can_be_read(tmp_path: Path) -> None:
    from tests.functions.risk_features.test_pushes import PURCHASE  # noqa: PLC0415

    drain = Drain(tmp_path)
    for data, topic in ((encode(PURCHASE), "transactions"), (line(), "decisions"), (b"\x02", "transactions")):
        await drain.push(forwarded(Message(data), f"{topic}.risk_features"), EVENTS)
    assert sorted((letter.type, letter.client) for letter in await drain.letters()) == [
        ("decisions", TOKENS.client("C-1")), ("transactions", ""), ("transactions", CLIENT),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 9_990_000])
async def test_a_body_of_any_size_is_kept_to_the_byte(tmp_path: Path, size: int) -> None:
    drain, data = Drain(tmp_path), bytes(range(256)) * (size // 256 + 1)
    assert (
        await drain.push(forwarded(Message(data[:size], {"key": "C-1"}), "transactions.risk_features"), EVENTS) == 204
    )
    stored, body = await drain.only()
    assert (len(body), body == data[:size], stored.letter.size) == (size, True, size)


@pytest.mark.parametrize("trouble", [{"reads": "fail"}, {"commits": "fail"}, {"commits": "lost"}])
async def test_while_the_store_fails_a_letter_is_refused_and_then_kept_once(
    tmp_path: Path, trouble: dict[str, str]
) -> None:
    documents = Troubled(**trouble)
    drain, message = Drain(tmp_path, documents), await buried(Message(b"x" * (CHUNK_BYTES + 1)), ERROR)
    assert await drain.push(message) == 503
    documents.reads = documents.commits = "work"
    assert await drain.push(message) == 204
    [letter] = await drain.letters()
    assert letter.size == CHUNK_BYTES + 1


@pytest.mark.parametrize(("headers", "expected"), [({"authorization": ""}, 401)])
async def test_only_the_push_service_may_push(tmp_path: Path, headers: dict[str, str], expected: int) -> None:
    drain = Drain(tmp_path)
    assert await drain.push_body(b"{}", headers) == expected
    assert await drain.letters() == []
