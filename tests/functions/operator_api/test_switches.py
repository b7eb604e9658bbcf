"""Kill switches over HTTP, as the dispatcher will read them."""

from shared.commands import kill_switches
from shared.storage.documents import Create, Key
from tests.support.builders.operator_api import Office
from tests.support.deadlines import plenty

TICKETS = "/v1/switches/create_ticket"


async def turn(office: Office, on: bool, path: str = TICKETS, who: str = "ana") -> tuple[int, object]:
    answer = await office.call(who, "PUT", path, {"on": on, "why": "Jira is down"})
    return answer.status, answer.json.get("on")


async def test_every_switch_there_is_is_listed_and_on_unless_told() -> None:
    listed = await Office().call("ana", "GET", "/v1/switches")
    assert [(each["name"], each["on"]) for each in listed.json["switches"]] == [
        (n, True) for n in kill_switches.names()
    ]


async def test_a_switch_that_is_turned_off_is_off_for_the_dispatcher() -> None:
    office = Office()
    assert await turn(office, on=False) == (200, False)
    [document] = await office.documents.read([kill_switches.key("create_ticket")], plenty())
    assert document is not None
    turned = kill_switches.CODEC.decode(document)
    assert (turned.on, turned.by, turned.at, turned.reason) == (
        False,
        "ana@x.example",
        office.now,
        "Jira is down",
    )
    assert await turn(office, on=True) == (200, True)


async def test_turning_it_to_what_it_is_changes_nothing() -> None:
    office = Office()
    await turn(office, on=False)
    [before] = await office.documents.read([kill_switches.key("create_ticket")], plenty())
    await turn(office, on=False)
    assert await office.documents.read([kill_switches.key("create_ticket")], plenty()) == [before]
    assert [(e["outcome"], e["why"]) for e in await office.audit()] == [
        ("done", "off: Jira is down"), ("unchanged", "off: Jira is down"),
    ]  # fmt: skip


async def test_a_channel_has_a_switch_of_its_own() -> None:
    office = Office()
    assert await turn(office, False, "/v1/switches/notify_client.text") == (200, False)
    listed = await office.call("ana", "GET", "/v1/switches")
    assert [each["name"] for each in listed.json["switches"] if not each["on"]] == ["notify_client.text"]


async def test_a_switch_that_is_not_there_says_which_are() -> None:
    answer = await Office().call("ana", "PUT", "/v1/switches/nonsense", {"on": False, "why": "x"})
    assert (answer.status, "create_ticket" in answer.json["detail"]) == (404, True)


async def test_a_switch_that_cannot_be_read_is_off_and_can_be_turned() -> None:
    office = Office()
    key = Key(kill_switches.CODEC.collection.name, "create_ticket")
    await office.documents.commit([Create(key, b"garbage")], plenty())
    listed = await office.call("ana", "GET", "/v1/switches")
    assert [each["name"] for each in listed.json["switches"] if not each["on"]] == ["create_ticket"]
    assert await turn(office, on=True) == (200, True)


async def test_it_takes_somebody_on_call_and_a_reason() -> None:
    office = Office()
    assert (await turn(office, on=False, who="ben"))[0] == 403
    assert (await office.call("ana", "PUT", TICKETS, {"on": False})).status == 422
    assert (await office.call("ana", "PUT", TICKETS, {"on": False, "why": ""})).status == 422
