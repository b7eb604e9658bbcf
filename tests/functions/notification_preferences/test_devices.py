"""A client's devices: registered, listed without what they are reached by, and removed."""

import asyncio
import json
from pathlib import Path

import pytest

from shared.notifications import devices
from shared.notifications.devices import Device, Devices
from tests.support.builders.notification_preferences import NOON, PHONE, Function
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS


async def test_a_device_is_registered_seen_and_removed_and_what_it_is_reached_by_is_never_shown(tmp_path: Path) -> None:
    function = Function(tmp_path)
    status, registered = await function.call("PUT", "/v1/devices/phone", PHONE)
    assert (status, registered) == (200, {"id": "phone", "platform": "android", "seen_at": "2026-11-20T12:00:00Z"})
    _, listed = await function.call("GET", "/v1/devices")
    assert listed == {"devices": [registered]}
    assert [await function.call("DELETE", "/v1/devices/phone") for _ in range(2)] == [(204, None)] * 2
    assert await function.devices() == []
    assert PHONE["fid"] not in json.dumps([registered, listed]) + function.printed.getvalue().decode()


async def test_a_phone_that_changes_hands_takes_nothing_along(tmp_path: Path) -> None:
    function = Function(tmp_path)
    await function.register("phone", PHONE, "C-1")
    await function.register("other", {"platform": "ios", "fid": "g" * 22}, "C-1")
    await function.register("phone", PHONE, "C-2")
    assert (await function.devices("C-1"), await function.devices("C-2")) == (["other"], ["phone"])
    await function.register("phone", PHONE, "C-1")
    assert (await function.devices("C-1"), await function.devices("C-2")) == (["phone", "other"], [])


async def test_an_installation_that_got_another_address_has_one(tmp_path: Path) -> None:
    """And the old address is free for whoever comes with it."""
    function = Function(tmp_path)
    await function.register("phone", PHONE)
    await function.register("phone", {"platform": "android", "token": "t" * 30})
    assert await function.devices() == ["phone"]
    owner = devices.owner_key(TOKENS.token("device_address", PHONE["fid"]))
    assert await function.documents.read([owner], plenty()) == [None]


async def test_of_more_than_ten_devices_the_one_not_heard_of_for_longest_goes(tmp_path: Path) -> None:
    function = Function(tmp_path)
    for number in range(12):
        await function.register(f"d-{number}", {"platform": "web", "fid": f"{number:022}"})
    await function.register("d-2", {"platform": "web", "fid": f"{2:022}"})
    assert await function.devices() == ["d-2", *(f"d-{number}" for number in range(11, 2, -1))]


async def test_registrations_at_once_are_all_kept(tmp_path: Path) -> None:
    function = Function(tmp_path)
    done = [function.register(f"d-{number}", {"platform": "web", "fid": f"{number:022}"}) for number in range(4)]
    assert await asyncio.gather(*done) == [200] * 4
    assert set(await function.devices()) == {f"d-{number}" for number in range(4)}


@pytest.mark.parametrize(
    "body",
    [
        {"platform": "android"},
        {**PHONE, "token": "t" * 30},
        {"platform": "fax", "fid": "f" * 22},
        {"platform": "ios", "fid": "x"},
    ],
)
async def test_a_device_has_one_address_that_looks_like_one(tmp_path: Path, body: dict[str, str]) -> None:
    function = Function(tmp_path)
    assert (await function.register("phone", body), await function.devices()) == (422, [])


def test_an_address_is_not_in_what_a_device_is_printed_as() -> None:
    phone = Device("phone", "fid", "f" * 22, "d", "android", NOON)
    assert "f" * 22 not in repr(Devices(devices=(phone,)))
