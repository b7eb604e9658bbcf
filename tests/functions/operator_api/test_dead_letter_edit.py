"""Editing dead letters, and what takes two people."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from functions.operator_api.merge_patch import merged
from shared.commands import ledger
from shared.commands.command import parse
from shared.commands.status import CommandStatus
from shared.dead_letters import letter as letters
from shared.dead_letters.store import LetterStore
from shared.errors import Conflict
from shared.storage.documents import Create
from tests.support.builders.letters import Desk, command
from tests.support.builders.operator_api import NOW
from tests.support.deadlines import plenty
from tests.support.http_requests import Reply

BROKEN = replace(command(), payload={"kind": "Fraud!", "summary": "Look", "client_id": "C-1"})


async def edit(desk: Desk, id_: str, who: str = "ana", **body: Any) -> Reply:
    return await desk.call(who, "POST", f"/v1/dead-letters/{id_}/edit", {"why": "case 7", **body})


async def bodies(desk: Desk, id_: str) -> list[bytes]:
    """What is to be sent, and what came."""
    store, soon = LetterStore(desk.documents), plenty()
    stored = await store.find([id_], soon)
    return [*await store.bodies(stored, soon), *await store.bodies(stored, soon, as_it_came=True)]


async def test_a_broken_command_is_mended_and_sent_and_what_came_stays() -> None:
    desk = Desk()
    id_ = await desk.letter(BROKEN)
    assert (await desk.settle("ana", "redrive", id_)).status == 422
    response = await edit(desk, id_, changes={"payload": {"kind": "fraud", "summary": None}})
    assert [each["field"] for each in response.json["problems"]] == ["/payload/summary"]
    response = await edit(desk, id_, changes={"payload": {"kind": "fraud", "priority": "high"}}, dry_run=True)
    assert (response.json["problems"], (await desk.record(id_)).edited) == ([], False)
    await edit(desk, id_, changes={"payload": {"kind": "fraud", "priority": "high"}})
    details = (await desk.call("ana", "GET", f"/v1/dead-letters/{id_}")).json
    assert (details["content"]["payload"]["kind"], details["came_as"]["payload"]["kind"]) == (
        "fraud",
        "(breaks its schema)",
    )
    to_send, came = await bodies(desk, id_)
    assert parse(to_send).payload["priority"] == "high"
    assert came == BROKEN.encoded()
    assert (await desk.settle("ana", "redrive", id_)).status == 200
    [document] = await desk.documents.read([ledger.key("c-1")], plenty())
    assert document is not None
    entry = ledger.read(document)
    assert (entry.envelope, entry.status) == (
        parse(to_send).encoded(),
        CommandStatus.PARKED,
    )
    assert await desk.acts("edit") == [("ana", "done", [id_])] * 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"changes": {"type": "notify_client"}}, 422),
        ({"changes": {"payload": {"kind": "Still wrong"}}}, 422),
        ({"changes": {"version": 9}}, 422),
        ({"command": {}}, 422),
        ({"command": {}, "changes": {}}, 422),
        ({}, 422),
    ],
)
async def test_an_edit_that_makes_no_command_of_its_type_changes_nothing(body: dict[str, Any], status: int) -> None:
    desk = Desk()
    id_ = await desk.letter(BROKEN)
    assert ((await edit(desk, id_, **body)).status, (await desk.record(id_)).edited) == (status, False)


async def test_a_resolution_and_an_event_are_never_edited() -> None:
    desk = Desk()
    resolution = await desk.letter(command(kind="resolve_transaction"))
    event = await desk.letter(b'{"a": 1}')
    for id_ in (resolution, event):
        assert (await edit(desk, id_, command={"type": "resolve_transaction"})).status == 409
        assert (await desk.record(id_)).edited is False


async def test_a_letter_goes_to_no_other_topic_than_it_came_by_whatever_it_says_it_is() -> None:
    """Else who may publish one type of command could have another one sent by people."""
    desk = Desk()
    id_ = await desk.letter(command(kind="resolve_transaction"), topic="commands-create-ticket")
    assert (await desk.settle("ana", "redrive", id_)).status == 422
    assert (await desk.record(id_)).status == "waiting"


async def test_a_notification_that_was_handed_on_is_mended_and_goes_to_its_topic_alone() -> None:
    desk, sent = Desk(), command("n-1", "notify_client")
    id_ = await desk.letter(sent, topic="notifications")
    assert (await edit(desk, id_, changes={"payload": {"template": "t2"}})).status == 200
    assert [(await desk.settle(who, "redrive", id_)).status for who in ("ana", "ben")] == [200, 200]
    assert (await desk.finish(), await desk.status("n-1")) == ((1, 1), None)
    [message] = desk.publisher.published["notifications"]
    assert parse(message.data).payload["template"] == "t2"


async def test_a_command_whose_id_another_one_has_is_given_up_which_says_nothing_about_the_other() -> None:
    desk, other = Desk(), command()
    entry = ledger.accepted(other, other.digest(), NOW)
    await desk.documents.commit([ledger.write(ledger.key("c-1"), None, entry)], plenty())
    second = replace(command(), payload={"kind": "two", "summary": "Look"})
    id_ = await desk.letter(second, error=Conflict("the same id came with another content"))
    assert (await desk.settle("ana", "redrive", id_)).status == 409
    assert (await desk.settle("ana", "discard", id_)).status == 200
    assert await desk.status("c-1") == CommandStatus.PARKED


FORGED: dict[str, dict[str, Any]] = {
    "/id": {"id": "c-2"},
    "/issued_at": {"issued_at": "2026-11-22T09:31:00Z"},
    "/issued_by": {"issued_by": "operator_api"},
    "/not_after": {"not_after": "2036-01-01T00:00:00Z"},
    "/operation": {"operation": {"name": "transaction", "id": "op-2", "attempt": 1}},
    "/payload/client_id": {"payload": {"kind": "fraud", "client_id": "C-2"}},
}


@pytest.mark.parametrize("pointer", FORGED)
async def test_an_edit_makes_no_other_command_of_it(pointer: str) -> None:
    desk = Desk()
    id_ = await desk.letter(BROKEN)
    changes: dict[str, Any] = {"payload": {"kind": "fraud"}, **FORGED[pointer]}
    whole = json.loads(BROKEN.encoded())
    for edited in ({"changes": changes}, {"command": merged(whole, changes)}):
        response = await edit(desk, id_, **edited)
        assert (response.status, [each["field"] for each in response.json["problems"]]) == (422, [pointer])
    assert (await desk.record(id_)).edited is False


async def test_what_was_edited_into_another_command_before_is_not_sent() -> None:
    """As it could be once: what is stored is checked where it takes effect."""
    desk = Desk()
    id_ = await desk.letter(BROKEN)
    [stored] = await LetterStore(desk.documents).find([id_], plenty())
    other = replace(BROKEN, id="c-2", payload={"kind": "fraud", "summary": "Look", "client_id": "C-2"}).encoded()
    writes = [
        letters.CODEC.put(stored.document, stored.document.key, replace(stored.letter, edited=True)),
        Create(letters.edited_key(id_), other),
    ]
    await desk.documents.commit(writes, plenty())
    assert (await desk.settle("ana", "redrive", id_)).status == 422
    assert await desk.status("c-2") is None


@pytest.mark.parametrize("came", [b"no json", b"[]", b'{"id":' * 20_000, b""])
async def test_of_what_came_as_no_command_none_is_made(came: bytes) -> None:
    desk = Desk()
    id_ = await desk.letter(came, topic="commands-create-ticket")
    response = await edit(desk, id_, command=json.loads(command().encoded()))
    assert (response.status, (await desk.record(id_)).edited) == (422, False)


async def test_what_was_too_large_to_be_a_command_is_not_made_one() -> None:
    desk = Desk()
    large = replace(command(), payload={"kind": "fraud", "summary": "x" * 70_000, "client_id": "C-1"})
    id_ = await desk.letter(large)
    response = await edit(desk, id_, changes={"payload": {"summary": "Look"}})
    assert (response.status, (await desk.record(id_)).edited) == (422, False)


async def test_what_a_client_will_read_takes_two_people_once_it_was_edited() -> None:
    desk = Desk()
    id_ = await desk.letter(command("n-1", "notify_client", channel="letter"), topic="commands-notify-client")
    assert (await edit(desk, id_, changes={"payload": {"channel": "text"}})).status == 200
    details = (await desk.call("ben", "GET", f"/v1/dead-letters/{id_}")).json
    [first] = (await desk.settle("ana", "redrive", id_)).json["results"]
    assert (details["two_people"], first["outcome"]) == (True, "proposed")
    assert (await desk.settle("ana", "redrive", id_)).status == 409
    [second] = (await desk.settle("ben", "redrive", id_)).json["results"]
    assert second["outcome"] == "redriven"


async def test_what_a_client_will_read_as_it_was_issued_takes_one_person() -> None:
    desk = Desk()
    id_ = await desk.letter(command("n-1", "notify_client"))
    [only] = (await desk.settle("ana", "redrive", id_)).json["results"]
    assert only["outcome"] == "redriven"


@pytest.mark.parametrize("kind", ["resolve_transaction", "open_review"])
@pytest.mark.parametrize(("what", "status"), [("redrive", CommandStatus.PARKED), ("discard", CommandStatus.DISCARDED)])
async def test_what_has_to_do_with_payments_takes_two_people(kind: str, what: str, status: CommandStatus) -> None:
    desk = Desk()
    id_ = await desk.letter(command(kind=kind))
    [first] = (await desk.settle("ana", what, id_)).json["results"]
    assert (first["outcome"], await desk.status()) == ("proposed", CommandStatus.DEAD_LETTERED)
    details = (await desk.call("ben", "GET", f"/v1/dead-letters/{id_}")).json
    assert (details["two_people"], details["proposal"]["by"]) == (True, "ana@x.example")
    assert (await desk.settle("ana", what, id_)).status == 409
    assert (await desk.settle("ben", what, id_)).status == 200
    record = await desk.record(id_)
    assert (await desk.status(), record.settled_by) == (status, "ben@x.example")
    assert record.proposal is not None
    assert (record.proposal.by, [act[:2] for act in await desk.acts(what)]) == (
        "ana@x.example", [("ana", "done"), ("ana", "refused"), ("ben", "done")],
    )  # fmt: skip


async def test_a_proposal_is_for_one_thing_and_for_what_was_seen() -> None:
    """Who wants the other thing proposes that; an edit makes a proposal void."""
    desk = Desk()
    id_ = await desk.letter(command(kind="open_review"))
    await desk.settle("ana", "redrive", id_)
    [other] = (await desk.settle("ben", "discard", id_)).json["results"]
    assert other["outcome"] == "proposed"
    assert (await edit(desk, id_, "ana", changes={"payload": {"reasons": ["X"]}})).status == 200
    assert (await desk.record(id_)).proposal is None
    [again] = (await desk.settle("ana", "discard", id_)).json["results"]
    assert again["outcome"] == "proposed"


async def test_in_a_batch_each_letter_stands_for_itself() -> None:
    desk = Desk()
    ids = [
        await desk.letter(command()),
        await desk.letter(command("c-1", summary="Other")),
        await desk.letter(BROKEN),
        await desk.letter(b"no json", topic="commands-create-ticket"),
        await desk.letter(command("c-5", "open_review")),
        await desk.letter(b"\x02"),
    ]  # fmt: skip
    results = (await desk.settle("ana", "redrive", *ids)).json["results"]
    outcomes = {each["letter"]: each["outcome"] for each in results}
    assert [outcomes[id_] for id_ in ids] == ["redriven", "refused", "refused", "refused", "proposed", "redriven"]
    assert all(each["detail"] for each in results)
    assert await desk.acts("redrive") == [("ana", "done", [ids[0], ids[4], ids[5]])]


async def test_a_letter_there_is_not_is_named() -> None:
    desk, id_ = Desk(), "2026-11-22T09:30:00.000Z.0123456789abcdef"
    response = await desk.settle("ana", "redrive", id_)
    assert (response.status, id_ in response.json["detail"]) == (404, True)
    assert (await desk.call("ana", "GET", f"/v1/dead-letters/{id_}")).status == 404
