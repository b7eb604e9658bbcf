"""A kill switch stops its type or its channel at the next claim, and loses nothing."""

from datetime import timedelta
from pathlib import Path

from shared.commands.status import CommandStatus
from tests.support.builders.command_dispatch import NOW, Dispatch, command, notification


async def test_a_kill_switch_parks_at_once_and_lets_go_on_when_it_is_turned_back(tmp_path: Path) -> None:
    dispatch = Dispatch(tmp_path)
    await dispatch.turn("notify_client.text", on=False)
    sent = (notification("n-1", "text"), notification("n-2", "push"), command("c-1"))
    assert [await dispatch.send(each) for each in sent] == [204] * 3
    assert [id_ for id_, _ in dispatch.handler.calls] == ["n-2", "c-1"]
    assert (await dispatch.entry("n-1")).code == "switched_off"
    dispatch.now = NOW + timedelta(minutes=1)
    [again] = await dispatch.republished()
    assert await dispatch.deliver(again, "commands-notify-client") == 204
    await dispatch.turn("notify_client.text", on=True)
    dispatch.now = NOW + timedelta(minutes=2)
    [again] = await dispatch.republished()
    assert await dispatch.deliver(again, "commands-notify-client") == 204
    assert (await dispatch.entry("n-1")).status is CommandStatus.DONE


async def test_what_is_parked_by_a_switch_expires_like_anything_else(tmp_path: Path) -> None:
    dispatch = Dispatch(tmp_path)
    await dispatch.turn("create_ticket", on=False)
    await dispatch.send(command())
    dispatch.now = NOW + timedelta(hours=2)
    [again] = await dispatch.republished()
    assert await dispatch.deliver(again) == 204
    assert (await dispatch.entry()).status is CommandStatus.EXPIRED


async def test_a_switch_that_cannot_be_read_is_off(tmp_path: Path) -> None:
    dispatch = Dispatch(tmp_path)
    await dispatch.turn("create_ticket", on=True)
    [key] = [key for key in dispatch.documents._documents if key.collection == "switches"]  # type: ignore[attr-defined]
    document = dispatch.documents._documents[key]  # type: ignore[attr-defined]
    dispatch.documents._documents[key] = type(document)(key, b"\xff", document.version)  # type: ignore[attr-defined]
    assert await dispatch.send(command()) == 204
    assert (await dispatch.entry()).code == "switched_off"
