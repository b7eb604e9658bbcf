"""Dead letters for the people on call: found, looked at, sent again or given up, each step on record."""

from datetime import timedelta

import pytest

from shared.commands.status import CommandStatus
from shared.dead_letters.letter import RETENTION, key
from shared.dead_letters.store import LetterStore
from shared.errors import TooLarge
from shared.storage.documents import Create
from tests.support.builders.letters import Desk, command
from tests.support.builders.operator_api import NOW, TOKENS
from tests.support.deadlines import plenty

CLIENT = TOKENS.client("C-1")
LATER = NOW + timedelta(minutes=1)
SEARCH, GROUPS = "/v1/dead-letters/search", "/v1/dead-letters/groups"


async def test_letters_are_listed_in_order_of_time_and_by_pages() -> None:
    desk = Desk()
    ids = [await desk.letter(command(f"c-{n}"), at=NOW + timedelta(seconds=n)) for n in range(5)]
    first = (await desk.call("ana", "POST", SEARCH, {"limit": 2})).json
    rest = (await desk.call("ana", "POST", SEARCH, {"after": first["next"]})).json
    assert [each["letter"] for each in first["letters"] + rest["letters"]] == ids
    assert rest["next"] == ""
    assert await desk.acts("list") == [("ana", "done", ids[:2]), ("ana", "done", ids[2:])]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, [0, 1, 2]),
        ({"type": "create_ticket"}, [0]),
        ({"type": "transactions"}, [2]),
        ({"reason": "too_large"}, [1]),
        ({"reason": "A KIND"}, [0, 2]),
        ({"client": "C-1"}, [0]),
        ({"client": CLIENT}, [0]),
        ({"since": "2026-11-22T10:31:00+01:00"}, [1, 2]),
        ({"until": "2026-11-22T09:31:00Z"}, [0]),
        ({"status": "redriven"}, [3]),
        ({"status": "any", "type": "open_review"}, [1]),
    ],
)
async def test_a_filter_lets_through_what_fits_all_of_it(conditions: dict[str, str], expected: list[int]) -> None:
    desk = Desk()
    ids = [
        await desk.letter(command("c-1")),
        await desk.letter(command("c-2", "open_review", client_id="D"), error=TooLarge(9), at=LATER),
        await desk.letter(b"\x02", at=NOW + timedelta(minutes=2)),
        await desk.letter(command("c-3"), at=NOW - timedelta(minutes=1)),
    ]  # fmt: skip
    await desk.settle("ana", "redrive", ids[3])
    response = await desk.call("ana", "POST", SEARCH, {"filter": conditions})
    assert [each["letter"] for each in response.json["letters"]] == [ids[n] for n in expected]


async def test_a_damaged_letter_is_named_and_keeps_nobody_from_the_others() -> None:
    desk = Desk()
    good, bad = await desk.letter(command("c-1")), "2026-11-22T09:29:00.000Z.0011223344556677"
    await desk.documents.commit([Create(key(bad), b"\xff")], plenty())
    response = (await desk.call("ana", "POST", SEARCH, {})).json
    assert ([each["letter"] for each in response["letters"]], response["looked"], response["unreadable"]) == (
        [good],
        2,
        [bad],
    )
    assert (await desk.call("ana", "POST", GROUPS, {})).json["unreadable"] == [bad]
    sent = (await desk.settle("ana", "redrive", filter={"type": "create_ticket"})).json
    assert ([each["letter"] for each in sent["results"]], sent["unreadable"]) == ([good], [bad])


async def test_letters_are_counted_by_type_and_reason() -> None:
    desk = Desk()
    ids = [await desk.letter(command(f"c-{n}"), at=NOW + timedelta(seconds=n)) for n in range(3)]
    await desk.letter(b"\x02")
    groups = (await desk.call("ana", "POST", GROUPS, {})).json["groups"]
    assert [(each["type"], each["count"]) for each in groups] == [("create_ticket", 3), ("transactions", 1)]
    assert (groups[0]["example"], groups[0]["reason"]) == (ids[2], "/payload/kind: a kind expected")
    assert (groups[0]["oldest"], groups[0]["newest"]) == ("2026-11-22T09:30:00Z", "2026-11-22T09:30:02Z")


async def test_what_is_personal_is_shown_to_nobody_who_does_not_say_why() -> None:
    """And that is on record, as every look is."""
    desk = Desk()
    id_ = await desk.letter(command(kind="notify_client"))
    details = (await desk.call("ana", "GET", f"/v1/dead-letters/{id_}")).json
    assert "Jane" not in str(details)
    assert details["content"]["payload"] == {
        "client_id": "C-1", "channel": "push", "template": "t", "category": "service", "variables": "(personal)",
    }  # fmt: skip
    assert (await desk.call("ana", "POST", f"/v1/dead-letters/{id_}/reveal", {})).status == 422
    revealed = await desk.call("ana", "POST", f"/v1/dead-letters/{id_}/reveal", {"why": "case 7"})
    assert revealed.json["body"].startswith("eyJ")
    assert [await desk.acts("read"), await desk.acts("reveal")] == [[("ana", "done", [id_])]] * 2


@pytest.mark.parametrize("who", ["cem", "dora"])
async def test_only_who_is_on_call_sees_letters(who: str) -> None:
    desk = Desk()
    assert (await desk.call(who, "POST", SEARCH, {})).status == 403


async def test_a_command_that_is_redriven_is_opened_in_its_ledger() -> None:
    desk = Desk()
    id_ = await desk.letter(command())
    dry = await desk.settle("ana", "redrive", id_, dry_run=True)
    assert (dry.json["results"][0]["outcome"], await desk.status()) == ("redriven", CommandStatus.DEAD_LETTERED)
    assert (await desk.settle("ana", "redrive", id_)).json["results"] == dry.json["results"]
    assert (await desk.status(), (await desk.record(id_)).status) == (CommandStatus.PARKED, "redriven")
    assert (await desk.settle("ben", "redrive", id_)).status == 409
    assert await desk.acts("redrive") == [("ana", "done", [id_])] * 2 + [("ben", "refused", [id_])]


async def test_a_command_that_is_discarded_is_discarded_in_its_ledger() -> None:
    desk = Desk()
    id_ = await desk.letter(command())
    assert (await desk.settle("ana", "discard", id_)).json["results"] == [
        {"letter": id_, "outcome": "discarded", "detail": ""}
    ]
    record = await desk.record(id_)
    assert (await desk.status(), record.status, record.resolution_reason) == (
        CommandStatus.DISCARDED,
        "discarded",
        "case 7",
    )


async def test_a_redrive_keeps_to_its_rate_over_pages() -> None:
    desk = Desk()
    ids = [await desk.letter(bytes([n]), at=NOW + timedelta(seconds=n)) for n in range(4)]
    first = (await desk.settle("ana", "redrive", filter={}, limit=2, per_minute=1)).json
    assert (await desk.settle(
        "ana", "redrive", filter={}, limit=2, per_minute=1, after=first["next"], not_before=first["not_before"]
    )).status == 200  # fmt: skip
    sent = []
    for minute in range(4):
        await desk.finish(NOW + timedelta(minutes=minute))
        sent.append(len(desk.publisher.published["transactions"]))
    assert sent == [1, 2, 3, 4]
    assert [each.attributes for each in desk.publisher.published["transactions"]] == [
        {"slacker-redriven": id_} for id_ in ids
    ]


async def test_an_event_goes_back_to_its_topic_as_it_came_where_others_see_it_again() -> None:
    desk = Desk()
    id_ = await desk.letter(b"\x02", key="C-1")
    details = (await desk.call("ana", "GET", f"/v1/dead-letters/{id_}")).json
    assert (details["also_received_by"], details["content"]) == (["archive", "merchant_features"], None)
    [result] = (await desk.settle("ana", "redrive", id_)).json["results"]
    assert result["detail"].endswith("seen again by archive, merchant_features")
    assert (await desk.finish(), await desk.finish()) == ((1, 1), (0, 0))
    [message] = desk.publisher.published["transactions"]
    assert (message.data, message.attributes) == (b"\x02", {"key": "C-1", "slacker-redriven": id_})


async def test_a_publish_that_fails_is_made_up_for_and_none_is_lost() -> None:
    desk = Desk()
    await desk.settle("ana", "redrive", await desk.letter(b"\x02"))
    desk.publisher.failing = TooLarge(1)
    assert (await desk.finish(), await desk.finish()) == ((1, 0), (0, 0))
    desk.publisher.failing = None
    assert await desk.finish(NOW + timedelta(minutes=1)) == (1, 1)
    assert len(desk.publisher.published["transactions"]) == 1


async def test_a_settled_letter_and_its_body_are_kept_for_90_days_and_a_waiting_one_for_good() -> None:
    desk = Desk()
    ids = [await desk.letter(bytes([n])) for n in range(2)]
    await desk.settle("ana", "discard", ids[0])
    await desk.finish()
    soon = plenty()
    stored = [each for name in ("dead_letters", "dead_letter_bodies") for each in await desk.documents.scan(name, soon)]
    until = {each.key.id[:41]: each.expires_at for each in stored}
    assert (len(stored), until) == (4, {ids[0]: NOW + RETENTION, ids[1]: None})
    [kept] = await LetterStore(desk.documents).find([ids[0]], soon)
    assert await LetterStore(desk.documents).bodies([kept], soon) == [b"\x00"]
