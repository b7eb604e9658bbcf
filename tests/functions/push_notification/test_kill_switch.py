"""What waits for a kill switch or a service: looked at again, few enough to be kept, and never for ever."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from functions.push_notification import main
from shared.attempts.policy import SWITCHED_OFF_FOR
from shared.commands import kill_switches
from shared.commands.kill_switches import Switch
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import Deferred, Uncertain
from shared.notifications.history import MAX_WAITING
from shared.notifications.preferences import Preferences
from shared.notifications.republish import TOPIC, republish_due
from shared.notifications.results import MAX_RESENDS, RESEND_AFTER
from shared.storage.documents import Create, Update
from tests.support.builders.push_notification import NIGHT, NOON, Function, Scripted, command, device, reward, sent
from tests.support.deadlines import plenty

WANTS = Preferences(choices={"push": {"rewards": True}})


async def turn(function: Function, name: str, *, on: bool) -> None:
    """Have a kill switch turned."""
    kind, _, channel = name.partition(".")
    key = kill_switches.key(kind, channel)
    [document] = await function.documents.read([key], plenty())
    state = kill_switches.CODEC.encode(Switch(on, "ana@bank.example", NOON, "it does harm"))
    write = Create(key, state) if document is None else Update(key, document.version, state)
    await function.documents.commit([write], plenty())


async def again(function: Function) -> list[int]:
    """What is answered when scheduled work has published what is due."""
    publisher = MemoryPublisher()
    await republish_due(function.documents, publisher, now=function.now, limit=10, deadline=plenty())
    return [await function.deliver(message.data) for message in publisher.published.get(TOPIC, [])]


@pytest.mark.parametrize("name", ["notify_client", "notify_client.push"])
async def test_a_kill_switch_stops_what_was_handed_over_already_and_it_goes_when_it_is_on_again(
    tmp_path: Path, name: str
) -> None:
    function = await Function(tmp_path).knows(device())
    await turn(function, name, on=False)
    assert await function.send(command()) == 204
    assert (await function.stands(), sent(function.push)) == ([("waiting", "kill_switch")], [])
    function.now += SWITCHED_OFF_FOR
    assert await again(function) == [204]
    assert (await function.stands(), sent(function.push)) == ([("waiting", "kill_switch")], [])
    await turn(function, name, on=True)
    function.now += SWITCHED_OFF_FOR
    assert await again(function) == [204]
    assert (await function.stands(), len(sent(function.push))) == ([("sent", "")], 1)


async def test_a_kill_switch_stops_what_waits_to_be_sent_again_and_not_the_other_channel(tmp_path: Path) -> None:
    function = Function(tmp_path, push=Scripted([Uncertain("no answer")], needs_device=True))
    await function.knows(device())
    await function.send(command("p"))
    await turn(function, "notify_client.push", on=False)
    function.now += RESEND_AFTER
    assert await again(function) == [204]
    await function.send(command("t", channel="text", template="card_used_far_away"))
    assert await function.stands() == [("waiting", "kill_switch"), ("sent", "")]
    assert (len(sent(function.push)), len(sent(function.text))) == (1, 1)


async def test_what_a_kill_switch_stops_beyond_its_time_expires(tmp_path: Path) -> None:
    function = await Function(tmp_path).knows(device())
    await turn(function, "notify_client.push", on=False)
    await function.send(command(lives=SWITCHED_OFF_FOR))
    assert await function.stands() == [("expired", "kill_switch")]


async def test_what_waits_and_is_refused_then_is_one_dead_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template may be withdrawn, or the gate see more, while a notification waits."""
    function = await Function(tmp_path, clock=ManualClock(NIGHT)).knows(device(), chose=WANTS)
    await function.send(replace(reward("r", 7), not_after=NOON + timedelta(days=2)))
    assert await function.stands() == [("waiting", "quiet_hours")]
    monkeypatch.setattr(main, "templates", dict)
    later = Function(tmp_path, documents=function.documents, clock=ManualClock(NOON + timedelta(days=1)))
    assert await again(later) == [204]
    assert ([status for status, _ in await later.stands()], len(later.letters())) == (["refused"], 1)
    later.now += timedelta(minutes=5)
    assert (await again(later), len(later.letters())) == ([], 1)


async def test_while_a_service_is_down_so_many_wait_and_the_rest_is_given_up(tmp_path: Path) -> None:
    failures: list[Exception] = [Deferred("busy", 600.0)] * (MAX_WAITING + 2)
    function = Function(tmp_path, push=Scripted([*failures], needs_device=True))
    await function.knows(device())
    for number in range(MAX_WAITING + 2):
        function.now += timedelta(minutes=11)
        await function.send(command(str(number), lives=timedelta(days=2)))
    waits, given_up = ("waiting", "left_alone"), ("expired", "too_many_waiting")
    assert await function.stands() == [waits] * MAX_WAITING + [given_up] * 2
    assert [line["outcome"] for line in function.lines() if line["kind"] == "notification"][-1] == "expired"


async def test_while_a_kill_switch_is_off_so_many_wait_and_the_rest_is_given_up(tmp_path: Path) -> None:
    function = await Function(tmp_path).knows(device())
    await turn(function, "notify_client.push", on=False)
    for number in range(MAX_WAITING + 1):
        function.now += timedelta(minutes=11)
        await function.send(command(str(number), lives=timedelta(days=2)))
    assert (await function.stands())[-2:] == [("waiting", "kill_switch"), ("expired", "too_many_waiting")]


async def test_a_push_of_unknown_end_goes_again_ever_later_and_not_for_ever(tmp_path: Path) -> None:
    doubts: list[Exception] = [Uncertain("no answer")] * 20
    function = Function(tmp_path, push=Scripted([*doubts], needs_device=True))
    await function.knows(device())
    await function.send(command())
    pauses = []
    while (await function.entries())[0].until is not None:
        [entry] = await function.entries()
        assert entry.until is not None
        pauses.append(entry.until - function.now)
        function.now = entry.until
        await again(function)
    assert pauses == [RESEND_AFTER * 2**number for number in range(MAX_RESENDS)]
    assert (await function.stands(), len(sent(function.push))) == ([("ambiguous", "unknown_end")], MAX_RESENDS + 1)
    assert await function.send(command()) == 204
    assert len(sent(function.push)) == MAX_RESENDS + 1
