"""The function's way in: what it says of itself, and what bad input gets."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from functions.notification_preferences.service import DOCUMENT
from shared import schema_files
from shared.deadline import Deadline
from shared.errors import Unavailable
from shared.http.openapi import description
from shared.privacy import DataClass, Pseudonymiser, data_classes
from tests.support.builders.notification_preferences import GATEWAY, PHONE, Function


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


async def test_the_description_is_served_valid_and_every_field_has_a_data_class(tmp_path: Path) -> None:
    status, served = await Function(tmp_path).call("GET", "/v1/openapi.json", client=None, caller=GATEWAY)
    assert (status, served) == (200, json.loads(json.dumps(description(DOCUMENT))))
    validate(served)
    document = schema_files.load("openapi/notification_preferences.v1.json")
    classes = {
        field: data_class
        for name in ("Preferences", "Registration", "Device", "Devices")
        for field, data_class in data_classes({**document["components"]["schemas"][name], **document}, name).items()
    }
    assert [field for field, data_class in classes.items() if data_class is None] == []
    assert {classes["Registration/fid"], classes["Registration/token"]} == {DataClass.SECRET}


async def test_slashes_at_the_ends_of_a_path_count_for_nothing(tmp_path: Path) -> None:
    function = Function(tmp_path)
    paths = ("/v1/preferences", "/v1/preferences/", "//v1/preferences")
    replies = [await function.call("GET", path) for path in paths]
    assert replies == [replies[0]] * 3
    assert replies[0][0] == 200


async def test_without_the_token_key_no_document_is_named(tmp_path: Path) -> None:
    async def unreadable(deadline: Deadline) -> Pseudonymiser:
        raise Unavailable("no secrets")

    function = Function(tmp_path, key=unreadable)
    replies = [await function.reply("GET", "/v1/preferences"), await function.reply("PUT", "/v1/devices/phone", PHONE)]
    assert [(reply.status, reply.json["detail"]) for reply in replies] == [
        (503, "clients cannot be named by their tokens: the token key could not be read")
    ] * 2
