"""Support asks what a client was told, and that somebody asked is on record."""

from datetime import timedelta

from shared.notifications import devices, history, preferences
from shared.notifications.devices import Devices
from shared.notifications.history import History, HistoryEntry, Status
from shared.notifications.preferences import Preferences
from shared.storage.documents import Create
from tests.support.builders.operator_api import NOW, TOKENS, Office
from tests.support.builders.push_notification import device
from tests.support.deadlines import plenty

CLIENT = TOKENS.client("C-1")
SEARCH = "/v1/messages/search"


def entry(id_: str, status: Status, minutes: int, reason: str = "") -> HistoryEntry:
    """One of some minutes after nine."""
    at = NOW + timedelta(minutes=minutes)
    return HistoryEntry(id_, b"", "payment_declined@1", "security", "push", status, at, at, reason, command=b"{}")


async def office() -> Office:
    """A store with a client who was told something."""
    made = Office()
    entries = History(entries=(entry("a", Status.SENT, 0), entry("b", Status.SUPPRESSED, 5, "duplicate")))
    writes = [
        Create(history.key(CLIENT), history.CODEC.encode(entries)),
        Create(preferences.key(CLIENT), preferences.CODEC.encode(Preferences(choices={"push": {"rewards": True}}))),
        Create(devices.key(CLIENT), devices.CODEC.encode(Devices(devices=(device(),)))),
    ]
    await made.documents.commit(writes, plenty())
    return made


async def test_the_newest_first_with_what_became_of_it_and_why() -> None:
    answer = await (await office()).call("sue", "POST", SEARCH, {"client": "C-1"})
    assert answer.status == 200
    assert [(each["command"], each["outcome"], each["code"]) for each in answer.json["messages"]] == [
        ("b", "suppressed", "duplicate"), ("a", "sent", ""),
    ]  # fmt: skip
    assert (answer.json["client"], answer.json["devices"]) == (CLIENT, 1)
    assert answer.json["choices"]["push"] == ["security", "service", "rewards"]


async def test_a_client_may_be_named_by_the_token_that_logs_show() -> None:
    made = await office()
    by_id, by_token = [await made.call("sue", "POST", SEARCH, {"client": each}) for each in ("C-1", CLIENT)]
    assert by_id.json == by_token.json


async def test_nothing_that_was_said_and_no_address_is_shown() -> None:
    answer = await (await office()).call("sue", "POST", SEARCH, {"client": "C-1"})
    assert device().address not in str(answer.json)
    assert {"text", "title", "body", "variables"} & set(answer.json["messages"][0]) == set()


async def test_that_somebody_looked_is_on_record_and_at_whom() -> None:
    made = await office()
    await made.call("sue", "POST", SEARCH, {"client": "C-1", "why": "case 7"})
    [looked] = [each for each in await made.audit() if each["action"] == "messages.list"]
    assert (looked["actor"], looked["subjects"], looked["why"]) == ("sue@x.example", [CLIENT], "case 7")


async def test_of_a_client_whom_nothing_was_told_there_is_nothing() -> None:
    answer = await Office().call("sue", "POST", SEARCH, {"client": "nobody"})
    assert (answer.json["messages"], answer.json["devices"]) == ([], 0)


async def test_only_support_may() -> None:
    assert (await Office().call("ana", "POST", SEARCH, {"client": "C-1"})).status == 403
