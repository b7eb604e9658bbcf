"""What becomes of a notification: sent once, put off, or not sent, each with a reason on record."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shared.embedded.manual_clock import ManualClock
from shared.events.events import ClientSnapshot
from shared.notifications.preferences import Preferences
from shared.notifications.republish import republish_due
from shared.risk.features.fold import fold
from shared.risk.features.keys import CLIENTS
from shared.storage.documents import Create, Key
from tests.support.builders.push_notification import (
    CLIENT,
    NIGHT,
    NOON,
    Function,
    Scripted,
    command,
    device,
    reward,
    sent,
)
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS


async def test_a_push_goes_to_every_device_with_a_route_and_an_opaque_id_and_no_address(tmp_path: Path) -> None:
    function = await Function(tmp_path).knows(device("phone"), device("tablet", "g" * 22))
    assert await function.send(command()) == 204
    assert isinstance(function.push, Scripted)
    assert {out.device.id for out in function.push.out if out.device} == {"phone", "tablet"}
    first = function.push.out[0]
    assert (first.title, first.route, first.subject) == ("Payment declined", "payment", "op-1")
    assert await function.stands() == [("sent", "")]
    assert [line["outcome"] for line in function.lines()] == ["sent"]


async def test_an_operation_id_that_could_be_read_as_an_address_does_not_leave(tmp_path: Path) -> None:
    function = await Function(tmp_path).knows(device())
    encoded = command()
    assert encoded.operation is not None
    await function.send(replace(encoded, operation=replace(encoded.operation, id="evil.example")))
    assert isinstance(function.push, Scripted)
    assert function.push.out[0].subject == ""


async def test_a_text_goes_to_the_client_without_a_device(tmp_path: Path) -> None:
    function = Function(tmp_path)
    assert await function.send(command(channel="text")) == 204
    assert ["We declined a payment" in body for body in sent(function.text)] == [True]


@pytest.mark.parametrize("times", [2, 5])
async def test_a_command_that_comes_again_is_done_once(tmp_path: Path, times: int) -> None:
    function = Function(tmp_path)
    assert [await function.send(command(channel="text")) for _ in range(times)] == [204] * times
    assert len(sent(function.text)) == 1


async def test_the_same_id_with_another_content_is_a_dead_letter(tmp_path: Path) -> None:
    function = Function(tmp_path)
    await function.send(command(channel="text"))
    assert await function.send(command(channel="text", template="card_used_far_away")) == 204
    assert [letter.attributes["slacker-code"] for letter in function.letters()] == ["conflict"]
    assert (await function.stands(), len(sent(function.text))) == ([("sent", "")], 1)


async def test_the_same_words_twice_within_minutes_are_a_duplicate(tmp_path: Path) -> None:
    """By whichever commands they came."""
    function = Function(tmp_path)
    await function.send(command("a", channel="text"))
    await function.send(command("b", channel="text"))
    assert await function.stands() == [("sent", ""), ("suppressed", "duplicate")]
    function.now = NOON + timedelta(minutes=11)
    await function.send(command("c", channel="text"))
    assert len(sent(function.text)) == 2


async def test_a_silent_push_shows_nothing_and_is_told_to_the_app(tmp_path: Path) -> None:
    function = await Function(tmp_path, clock=ManualClock(NIGHT)).knows(device())
    await function.send(command(template="app_refresh", category="service", lives=timedelta(days=2)))
    assert isinstance(function.push, Scripted)
    assert [(out.silent, out.title, out.body) for out in function.push.out] == [(True, "", "")]


async def test_who_has_no_device_gets_no_push(tmp_path: Path) -> None:
    function = Function(tmp_path)
    await function.send(command())
    assert await function.stands() == [("undeliverable", "no_device")]


async def test_after_its_time_nothing_is_sent(tmp_path: Path) -> None:
    function = Function(tmp_path, clock=ManualClock(NOON + timedelta(hours=13)))
    await function.send(command(channel="text"))
    assert (await function.stands(), sent(function.text)) == ([("expired", "too_late")], [])


async def test_rewards_are_for_who_asked_for_them_and_not_too_often(tmp_path: Path) -> None:
    function = await Function(tmp_path).knows(device())
    await function.send(reward("r-0", 5))
    assert await function.stands() == [("suppressed", "not_opted_in")]
    wants = Preferences(choices={"push": {"rewards": True}})
    function = await Function(tmp_path).knows(device(), chose=wants)
    for points in range(5):
        await function.send(reward(f"r-{points}", points))
    assert await function.stands() == [("sent", "")] * 3 + [("suppressed", "too_many_rewards")] * 2
    function.now = NOON + timedelta(days=8)
    await function.send(replace(reward("r-9", 9), not_after=function.now + timedelta(hours=1)))
    assert (await function.stands())[-1] == ("sent", "")


async def test_what_is_switched_off_is_not_sent_but_for_security(tmp_path: Path) -> None:
    nothing = {channel: {"service": False, "security": False} for channel in ("push", "text")}
    function = await Function(tmp_path).knows(device(), chose=Preferences(choices=nothing))
    await function.send(command("a", template="app_refresh", category="service"))
    await function.send(command("b"))
    assert await function.stands() == [("suppressed", "switched_off"), ("sent", "")]


async def test_at_night_security_comes_and_the_rest_waits_until_the_morning(tmp_path: Path) -> None:
    """By the client's own clock; then scheduled work brings it back."""
    wants = Preferences(choices={"push": {"rewards": True}}, time_zone="Asia/Tokyo")
    clock = ManualClock(NOON + timedelta(hours=2))  # 23:00 in Tokyo
    function = await Function(tmp_path, clock=clock).knows(device(), chose=wants)
    await function.send(replace(reward("r", 7), not_after=NOON + timedelta(days=1)))
    await function.send(command("s"))
    assert await function.stands() == [("waiting", "quiet_hours"), ("sent", "")]
    morning = NOON + timedelta(hours=10)  # 07:00 in Tokyo
    assert (await function.entries())[0].until == morning
    assert await due(function, morning - timedelta(seconds=1)) == (0, 0)
    assert await due(function, morning) == (1, 1)
    function.now = morning
    [message] = function.publisher.published["notifications"]
    assert await function.deliver(message.data) == 204
    assert await function.stands() == [("sent", ""), ("sent", "")]
    assert (await function.entries())[0].command == b""


async def due(function: Function, now: datetime) -> tuple[int, int]:
    """What scheduled work finds and publishes."""
    done = await republish_due(function.documents, function.publisher, now=now, limit=10, deadline=plenty())
    return done.taken, done.done


async def test_what_would_be_too_late_in_the_morning_is_not_sent(tmp_path: Path) -> None:
    wants = Preferences(choices={"push": {"rewards": True}})
    function = await Function(tmp_path, clock=ManualClock(NIGHT)).knows(device(), chose=wants)
    await function.send(reward("r", 7))
    assert await function.stands() == [("suppressed", "quiet_hours")]


async def test_of_those_that_collapse_only_the_last_waits(tmp_path: Path) -> None:
    wants = Preferences(choices={"push": {"rewards": True}})
    function = await Function(tmp_path, clock=ManualClock(NIGHT)).knows(device(), chose=wants)
    for points in (1, 2):
        await function.send(replace(reward(f"r-{points}", points), not_after=NIGHT + timedelta(days=1)))
    assert await function.stands() == [("suppressed", "collapsed"), ("waiting", "quiet_hours")]


async def test_language_and_zone_are_those_of_the_banks_snapshot_unless_the_client_chose(tmp_path: Path) -> None:
    snapshot = ClientSnapshot(event_id="s", client="C-1", occurred_at=NOON, language="de-AT", time_zone="Asia/Tokyo")
    key = Key(CLIENTS, CLIENT)
    state = fold({}, [snapshot], TOKENS, frozenset({CLIENTS})).states[key]
    function = Function(tmp_path)
    await function.documents.commit([Create(key, state)], plenty())
    await function.send(command("a", channel="text"))
    assert [(entry.language) for entry in await function.entries()] == ["de"]
    assert "Zahlung von Ihrem Konto" in sent(function.text)[0]
    chose = await Function(tmp_path, documents=function.documents).knows(chose=Preferences(language="fr-CH"))
    await chose.send(command("b", channel="text", template="payment_approved"))
    assert (await chose.entries())[-1].language == "fr"


async def test_a_language_that_a_template_lacks_is_the_banks_own_or_english(tmp_path: Path) -> None:
    for default, expected in (("de", "de"), ("sk", "en")):
        function = Function(tmp_path, environ={"SLACKER_LANGUAGE": default})
        await function.knows(chose=Preferences(language="nl-BE"))
        await function.send(command(channel="text"))
        assert (await function.entries())[0].language == expected


REWARD = {"template": "reward_earned", "category": "rewards"}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"template": "no_such_template"}, "/payload/template"),
    ({"template_version": 9}, "/payload/template_version"),
    ({"category": "service"}, "/payload/category"),
    ({"visibility": "silent"}, "/payload/visibility"),
    ({"variables": {"merchant": "x"}}, "/payload/variables/merchant"),
    ({**REWARD, "channel": "text", "variables": {"points": 1}}, "/payload/channel"),
    (REWARD, "/payload/variables/points"),
    ({**REWARD, "variables": {"points": "http://evil.example"}}, "/payload/variables/points"),
]


@pytest.mark.parametrize(("payload", "field"), BAD)
async def test_what_breaks_its_template_is_a_dead_letter_and_on_record(
    tmp_path: Path, payload: dict[str, Any], field: str
) -> None:
    function = await Function(tmp_path).knows(device())
    assert await function.send(command(**payload)) == 204
    [letter] = function.letters()
    assert letter.attributes["slacker-field"] == field
    [entry] = await function.entries()
    assert (entry.status, entry.reason) == ("refused", letter.attributes["slacker-reason"])


async def test_what_was_mended_may_come_again_under_its_id(tmp_path: Path) -> None:
    function = await Function(tmp_path).knows(device())
    await function.send(command(template="no_such_template"))
    await function.send(command())
    assert await function.stands() == [("sent", "")]
