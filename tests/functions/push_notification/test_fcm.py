"""What is sent to FCM is what FCM's own public discovery document describes.

`fcm_discovery.json` holds the part of that document which a request is made of, with its source and revision.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.push_notification.fcm import Fcm, request
from functions.push_notification.sender import OutgoingPush
from shared.embedded.manual_clock import ManualClock
from shared.http.service_client import Answer, ServiceClient
from shared.notifications.delivery_result import DeliveryResult, ResultKind
from shared.notifications.notification import Category, Channel
from shared.notifications.template import Route
from tests.functions.push_notification.test_senders import OUT
from tests.support.builders.push_notification import NOON, device
from tests.support.deadlines import plenty

DISCOVERY = msgspec.json.decode((Path(__file__).parent / "fcm_discovery.json").read_bytes())
SEND = DISCOVERY["methods"]["send"]
DURATION = re.compile(r"\d+s")


def wrong(schema: Mapping[str, Any], value: Any, pointer: str) -> Iterator[str]:
    """Where `value` is not what a schema of a discovery document says."""
    if "$ref" in schema:
        yield from wrong(DISCOVERY["schemas"][schema["$ref"]], value, pointer)
        return
    if schema["type"] == "any":
        return
    types = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list}
    if not isinstance(value, types[schema["type"]]):
        yield f"{pointer}: {schema['type']} expected"
    elif isinstance(value, dict):
        for name, part in value.items():
            described = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            yield from wrong(described, part, f"{pointer}/{name}") if described else [f"{pointer}/{name}: unknown"]
    elif schema.get("deprecated"):
        yield f"{pointer}: deprecated"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{pointer}: one of {schema['enum']} expected"
    elif schema.get("format") == "google-duration" and not DURATION.fullmatch(str(value)):
        yield f"{pointer}: a duration expected"


OUTGOING = st.builds(
    replace,
    st.just(OUT),
    category=st.sampled_from(Category),
    channel=st.just(Channel.PUSH),
    title=st.text(max_size=80),
    body=st.text(max_size=400),
    silent=st.booleans(),
    route=st.sampled_from(Route),
    subject=st.sampled_from(["", "op-1"]),
    collapses_across=st.booleans(),
    not_after=st.integers(-(10**6), 10**8).map(lambda lives: NOON + timedelta(seconds=lives)),
    dry_run=st.booleans(),
)  # fmt: skip


@given(out=OUTGOING)
def test_every_request_is_what_the_discovery_document_describes(out: OutgoingPush) -> None:
    assert list(wrong({"$ref": SEND["request"]["$ref"]}, request(out, NOON), "")) == []


def test_the_check_would_notice() -> None:
    body = {"message": {"fid": 1, "token": "t", "recipient": "x", "android": {"ttl": "soon", "priority": "URGENT"}}}
    assert list(wrong({"$ref": "SendMessageRequest"}, body, "")) == [
        "/message/fid: string expected", "/message/token: deprecated", "/message/recipient: unknown",
        "/message/android/ttl: a duration expected",
        "/message/android/priority: one of ['NORMAL', 'HIGH'] expected",
    ]  # fmt: skip


@given(out=OUTGOING)
def test_no_request_holds_an_address_and_all_that_is_shown_twice_replaces_itself(out: OutgoingPush) -> None:
    message = request(out, NOON)["message"]
    assert set(message["data"]) <= {"id", "route", "subject"}
    assert not any("url" in key.lower() or "link" in key.lower() or "image" in key.lower() for key in keys(message))
    assert message["apns"]["headers"]["apns-collapse-id"] == out.collapse_key
    assert ("notification" in message) == ("notification" in message["android"]) == (not out.silent)
    assert ("collapseKey" in message["android"]) == out.collapses_across


def keys(value: Any) -> Iterator[str]:
    """The names of all fields."""
    for name, part in value.items() if isinstance(value, dict) else ():
        yield name
        yield from keys(part)


def test_it_is_sent_to_the_path_and_method_of_the_document() -> None:
    assert (SEND["httpMethod"], SEND["path"]) == ("POST", "v1/{+parent}/messages:send")
    assert Fcm(ServiceClient("FCM", "https://fcm.googleapis.com", None), "p", ManualClock(NOON))._path == (  # type: ignore[arg-type]
        "/" + SEND["path"].replace("{+parent}", "projects/p")
    )


def test_it_lives_no_longer_than_the_command_and_four_weeks() -> None:
    lifetimes = [
        request(replace(OUT, not_after=NOON + lives), NOON)["message"]["android"]["ttl"]
        for lives in (timedelta(hours=1), timedelta(days=90), timedelta(hours=-1))
    ]
    assert lifetimes == ["3600s", "2419200s", "0s"]


def test_an_older_app_is_reached_by_its_registration_token() -> None:
    old = msgspec.structs.replace(device(), kind="token")
    message = request(replace(OUT, device=old), NOON)["message"]
    assert (message["token"], "fid" in message) == (old.address, False)


def refused(status: int, code: str | None) -> Answer:
    """An error as FCM answers it."""
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest"}]
    if code is not None:
        details.append({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code})
    return Answer(status, {"error": {"code": status, "details": details}})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, {"name": "projects/p/messages/m-1"}), DeliveryResult(ResultKind.ACCEPTED, "m-1")),
        (refused(404, "UNREGISTERED"), DeliveryResult(ResultKind.PERMANENT, "unregistered", gone=True)),
        (refused(400, "INVALID_ARGUMENT"), DeliveryResult(ResultKind.PERMANENT, "invalid_argument")),
        (refused(400, None), DeliveryResult(ResultKind.PERMANENT, "invalid_argument")),
        (refused(404, None), DeliveryResult(ResultKind.CONFIGURATION, "status_404")),
        (Answer(404, {"error": "odd"}), DeliveryResult(ResultKind.CONFIGURATION, "status_404")),
        (Answer(404, {}), DeliveryResult(ResultKind.CONFIGURATION, "status_404")),
    ],
)
async def test_an_answer_means_what_fcms_error_codes_mean(answer: Answer, expected: DeliveryResult) -> None:
    class Answering(ServiceClient):
        async def request(self, *_: Any, **__: Any) -> Answer:
            return answer

    sender = Fcm(Answering("FCM", "https://fcm.googleapis.com", None), "p", ManualClock(NOON))  # type: ignore[arg-type]
    assert await sender.send(OUT, plenty()) == expected
