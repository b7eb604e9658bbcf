"""A client's own choices: chosen, read back, and kept apart from everybody else's."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from functions.notification_preferences.service import DOCUMENT
from functions.notification_preferences.store import Store
from shared import contracts
from shared.deadline import Deadline
from shared.documents import Create, Key
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import WriteConflict
from shared.http.openapi import description
from shared.notifications import devices
from shared.notifications.devices import Device, Devices
from shared.privacy import DataClass, data_classes
from tests.functions.notification_preferences.build import CHOSEN, GATEWAY, NOON, PHONE, Function
from tests.shared.features.streams import TOKENS
from tests.troubled import Troubled

USUAL = {
    "push": {"service": True, "rewards": False}, "text": {"service": True, "rewards": False},
    "quiet_hours": {"start": "22:00", "end": "07:00"}, "language": None, "time_zone": None,
}  # fmt: skip


async def test_who_has_chosen_nothing_gets_service_and_no_rewards_and_quiet_nights(tmp_path: Path) -> None:
    assert await Function(tmp_path).call("GET", "/v1/preferences") == (200, USUAL)


async def test_what_is_chosen_is_read_back_by_the_same_client_alone(tmp_path: Path) -> None:
    function = Function(tmp_path)
    assert await function.call("PUT", "/v1/preferences", CHOSEN) == (200, CHOSEN)
    assert await function.call("PUT", "/v1/preferences", CHOSEN) == (200, CHOSEN)
    assert await function.call("GET", "/v1/preferences") == (200, CHOSEN)
    assert await function.call("GET", "/v1/preferences", client="C-2") == (200, USUAL)


async def test_without_quiet_hours_there_are_none(tmp_path: Path) -> None:
    function, loud = Function(tmp_path), {**CHOSEN, "quiet_hours": None}
    assert await function.call("PUT", "/v1/preferences", loud) == (200, loud)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"time_zone": "Mars/Olympus"}, "/time_zone"), ({"time_zone": "../../etc/passwd"}, "/time_zone"),
        ({"language": "german!"}, "/language"), ({"quiet_hours": {"start": "24:00", "end": "07:00"}}, "/quiet_hours"),
        ({"push": {"service": True}}, "/push/rewards"), ({"push": {"service": 1, "rewards": True}}, "/push/service"),
        ({"push": {"service": True, "rewards": True, "security": False}}, "/push"), ({"name": "x"}, ""),
    ],
)  # fmt: skip
async def test_a_choice_that_is_none_is_told_by_its_field(tmp_path: Path, changes: dict[str, Any], place: str) -> None:
    status, told = await Function(tmp_path).call("PUT", "/v1/preferences", {**CHOSEN, **changes})
    assert (status, place in {each["field"] for each in told["problems"]}) == (422, True)


async def test_a_device_is_registered_seen_and_removed_and_what_it_is_reached_by_is_never_shown(tmp_path: Path) -> None:
    function = Function(tmp_path)
    status, shown = await function.call("PUT", "/v1/devices/phone", PHONE)
    assert (status, shown) == (200, {"id": "phone", "platform": "android", "seen_at": "2026-11-20T12:00:00Z"})
    _, listed = await function.call("GET", "/v1/devices")
    assert listed == {"devices": [shown]}
    assert [await function.call("DELETE", "/v1/devices/phone") for _ in range(2)] == [(204, None)] * 2
    assert await function.devices() == []
    assert PHONE["fid"] not in json.dumps([shown, listed]) + function.printed.getvalue().decode()


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
    assert await function.documents.read([owner], Deadline.after(1)) == [None]


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


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"caller": "somebody@else.example"}, 403), ({"client": None}, 422), ({"client": ""}, 422),
        ({"client": "C-1, C-2"}, 422), ({"client": "x" * 129}, 422), ({"headers": {"authorization": "Bearer x"}}, 401),
    ],
)  # fmt: skip
async def test_only_the_gateway_speaks_for_clients_and_names_one(
    tmp_path: Path, changes: dict[str, Any], status: int
) -> None:
    assert (await Function(tmp_path).call("GET", "/v1/preferences", **changes))[0] == status


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/preferences", None, 405), ("POST", "/v1/devices", None, 405), ("GET", "/v1/devices/a", None, 405),

        ("GET", "/v1/elsewhere", None, 404), ("PUT", "/v1/devices/a%20b", PHONE, 422),
        ("PUT", "/v1/preferences", b"{", 400),
        ("PUT", "/v1/preferences", b"[]", 400), ("PUT", "/v1/preferences", b"x" * 20_000, 413),
        ("POST", "/v1/openapi.json", None, 405),
    ],
)  # fmt: skip
async def test_bad_input_gets_its_status(tmp_path: Path, method: str, path: str, body: Any, status: int) -> None:
    assert (await Function(tmp_path).call(method, path, body))[0] == status


@pytest.mark.parametrize("trouble", [{"reads": "fail"}, {"commits": "fail"}])
async def test_while_the_store_fails_the_app_may_try_again(tmp_path: Path, trouble: dict[str, str]) -> None:
    function = Function(tmp_path, documents=Troubled(**trouble))
    assert [await function.register("phone", PHONE), (await function.call("PUT", "/v1/preferences", CHOSEN))[0]] == [
        503
    ] * 2


async def test_a_damaged_document_is_no_fault_of_the_client(tmp_path: Path) -> None:
    function, client = Function(tmp_path), TOKENS.token("client", "C-1")
    keys = [Key("notification_preferences", client), Key("notification_devices", client)]
    await function.documents.commit([Create(key, b"\xc1") for key in keys], Deadline.after(1))
    assert (await function.call("GET", "/v1/preferences"))[0] == 500
    assert await function.register("phone", PHONE) == 500
    assert await function.call("PUT", "/v1/preferences", CHOSEN) == (200, CHOSEN)


async def test_a_store_that_changes_under_every_try_is_told_in_the_end() -> None:
    class Contended(MemoryDocuments):
        async def commit(self, *_: Any) -> Any:
            raise WriteConflict("changed")

    phone = Device("phone", "fid", "f" * 22, "d", "android", NOON)
    with pytest.raises(Exception, match="under 6 tries"):
        await Store(Contended()).register("t1_0", phone, Deadline.after(5))


async def test_a_line_of_the_log_names_the_client_by_a_token(tmp_path: Path) -> None:
    function = Function(tmp_path)
    await function.call("PUT", "/v1/preferences", CHOSEN)
    assert [(each["kind"], each["client"]) for each in function.lines()] == [
        ("preferences_changed", TOKENS.token("client", "C-1"))
    ]


async def test_the_description_is_served_valid_and_every_field_has_a_data_class(tmp_path: Path) -> None:
    status, served = await Function(tmp_path).call("GET", "/v1/openapi.json", client=None, caller=GATEWAY)
    assert (status, served) == (200, json.loads(json.dumps(description(DOCUMENT))))
    validate(served)
    document = contracts.load("openapi/notification_preferences.v1.json")
    classes = {
        field: known
        for name in ("Preferences", "Registration", "Device", "Devices")
        for field, known in data_classes({**document["components"]["schemas"][name], **document}, name).items()
    }
    assert [field for field, known in classes.items() if known is None] == []
    assert {classes["Registration/fid"], classes["Registration/token"]} == {DataClass.SECRET}


def test_an_address_is_not_in_what_a_device_is_printed_as() -> None:
    phone = Device("phone", "fid", "f" * 22, "d", "android", NOON)
    assert "f" * 22 not in repr(Devices(known=(phone,)))
