"""An API as its OpenAPI document describes it, on a toy; tests/conformance/test_api.py holds every API to the same."""

import pytest

from shared.errors import Misconfigured, Unavailable
from shared.http.api import Api
from tests.shared.http.toy_api import DOCUMENT, MAX_BODY, Notes, ToyAccess, tag

SINCE = "since=2026-11-20T12:00:00Z"


async def test_parameters_reach_the_handler_as_what_they_stand_for() -> None:
    notes = Notes()
    reply = await notes.call("GET", "/v1/notes", query=f"limit=7&all=true&{SINCE}", headers={"x-case": "c-1"})
    [request] = notes.seen
    assert reply.status == 200
    assert request.query == {"limit": 7, "order": "oldest", "all": True, "since": "2026-11-20T12:00:00Z"}
    assert (request.headers, request.caller, request.operation.id) == (
        {"x-case": "c-1"}, "reader writer", "notes.list",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"limit=many&{SINCE}", "?limit: a whole number expected"),
        (f"limit=-1&{SINCE}", "?limit: a whole number expected"),
        (f"limit=10&{SINCE}", "?limit: the value is greater than the maximum of 9"),
        (f"order=random&{SINCE}", '?order: the value is not one of "oldest" or "newest"'),
        (f"all=1&{SINCE}", "?all: true or false expected"),
        ("since=yesterday", '?since: the value is not a "date-time"'),
        (f"colour=red&{SINCE}", "?colour: is not a parameter here: limit, order, all, since expected"),
        ("limit=3", "?since: is required"),
    ],
)
async def test_a_wrong_parameter_is_told_what_was_expected(query: str, expected: str) -> None:
    reply = await Notes().call(
        "GET", "/v1/notes", query=query if "since" in query or expected.endswith("required") else f"{query}&{SINCE}"
    )
    assert (reply.status, reply.json["detail"]) == (422, expected)


async def test_of_a_name_that_is_twice_in_a_body_the_last_counts() -> None:
    notes = Notes()
    await notes.call("PUT", "/v1/notes/a", b'{"text": "one", "text": "two"}')
    assert notes.texts == {"a": "two"}


async def test_a_body_without_a_type_is_taken_for_json_and_one_of_another_type_is_refused() -> None:
    notes = Notes()
    types = ["application/json", "Application/JSON; charset=utf-8", "text/plain"]
    replies = [
        await notes.call("PUT", "/v1/notes/a", {"text": "x"}, headers={"content-type": type_}) for type_ in types
    ]
    unnamed = await notes.call("PUT", "/v1/notes/a", {"text": "x"})
    assert ([reply.status for reply in replies], unnamed.status) == ([200, 200, 415], 200)
    assert replies[-1].json["detail"] == "the body's type has to be application/json"


async def test_a_body_is_measured_before_it_is_read() -> None:
    reply = await Notes().call("PUT", "/v1/notes/a", {"text": "x" * MAX_BODY})
    assert (reply.status, reply.json["detail"]) == (413, f"the body is larger than {MAX_BODY} bytes")


async def test_who_may_not_is_refused_before_anything_is_checked() -> None:
    notes = Notes()
    wrong = [await notes.call_as(roles, "PUT", "/v1/notes/NO", b"{") for roles in (None, "reader")]
    assert ([reply.status for reply in wrong], notes.seen) == ([401, 403], [])


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PATCH", "TRACE"])
async def test_a_method_that_is_not_described_is_told_those_that_are(method: str) -> None:
    reply = await Notes().call_as(None, method, "/v1/notes/a")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, PUT, DELETE")


async def test_of_two_paths_that_fit_the_one_with_the_method_is_taken() -> None:
    notes = Notes({"search": "x"})
    assert (await notes.call("POST", "/v1/notes/search", {})).json == {"notes": ["search"]}
    assert (await notes.call("GET", "/v1/notes/search")).json == {"text": "x"}
    assert (await notes.call("PATCH", "/v1/notes/search")).headers["allow"] == "POST, GET, PUT, DELETE"


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/notes/", "/v1/notes/a/b", "/v1/notes\n", "//v1/notes", "/v1/NOTES"])
async def test_a_path_that_is_not_described_is_a_404(path: str) -> None:
    reply = await Notes().call("GET", path, query=SINCE)
    assert (reply.status, reply.json["detail"]) == (404, "the paths of this service are in /v1/openapi.json")


async def test_what_is_read_carries_its_tag_and_is_not_sent_twice() -> None:
    notes = Notes({"a": "x"})
    first = await notes.call("GET", "/v1/notes/a")
    assert (first.headers["etag"], first.headers["cache-control"]) == (f'"{tag("x")}"', "private, no-cache")
    for tags in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = await notes.call("GET", "/v1/notes/a", headers={"if-none-match": tags})
        assert (again.status, again.json, again.headers["etag"]) == (304, None, first.headers["etag"])
    assert (await notes.call("GET", "/v1/notes/a", headers={"if-none-match": '"other"'})).status == 200


@pytest.mark.parametrize(
    ("texts", "headers", "status"),
    [
        ({"a": "x"}, {"if-match": f'"{tag("x")}"'}, 200),
        ({"a": "x"}, {"if-match": "*"}, 200),
        ({"a": "x"}, {"if-match": f'W/"{tag("x")}"'}, 412),
        ({"a": "x"}, {"if-match": f'"{tag("y")}"'}, 412),
        ({"a": "x"}, {"if-match": "nonsense"}, 412),
        ({}, {"if-match": "*"}, 412),
        ({}, {"if-none-match": "*"}, 200),
        ({"a": "x"}, {"if-none-match": "*"}, 412),
        ({"a": "x"}, {}, 200),
    ],
)
async def test_a_change_is_made_to_what_was_read_alone(
    texts: dict[str, str], headers: dict[str, str], status: int
) -> None:
    notes = Notes(texts)
    reply = await notes.call("PUT", "/v1/notes/a", {"text": "new"}, headers=headers)
    assert (reply.status, notes.texts.get("a") == "new") == (status, status == 200)


async def test_without_tags_nothing_is_stored_on_the_way() -> None:
    reply = await Notes().call("GET", "/v1/notes", query=SINCE)
    assert (reply.headers["cache-control"], "etag" in reply.headers) == ("no-store", False)


async def test_a_204_has_no_content() -> None:
    reply = await Notes().call("DELETE", "/v1/notes/a")
    assert (reply.status, reply.json) == (204, None)


async def test_what_is_answered_is_on_record_first_and_the_description_is_not() -> None:
    notes = Notes({"a": "x"})
    await notes.call("GET", "/v1/notes/a")
    await notes.call("GET", "/v1/openapi.json")
    await notes.call("GET", "/v1/notes/b")
    assert notes.recorded == [("notes.read", ("a",))]


async def test_what_cannot_be_put_on_record_is_not_answered() -> None:
    async def fail(*_: object) -> None:
        raise Unavailable("the record is down")

    notes = Notes({"a": "x"})
    notes.api = Api(DOCUMENT, [notes.handlers()], ToyAccess(), max_body=MAX_BODY, within=5.0, recorder=fail)
    assert (await notes.call("GET", "/v1/notes/a")).status == 503


async def test_without_the_token_key_who_needs_tokens_is_told_to_try_again() -> None:
    notes = Notes(tokens=None)
    await notes.call("GET", "/v1/notes", query=SINCE)
    with pytest.raises(Unavailable, match="the token key could not be read"):
        _ = notes.seen[0].tokens


@pytest.mark.parametrize("names", [{"notes.extra"}, {"notes.read"}, {"describe"}])
def test_an_operation_has_one_handler_and_a_handler_an_operation(names: set[str]) -> None:
    handlers = Notes().handlers()
    extra = dict.fromkeys(names, handlers["notes.list"])
    with pytest.raises(Misconfigured, match=next(iter(names))):
        Api(DOCUMENT, [handlers, extra], ToyAccess(), max_body=MAX_BODY, within=5.0)


def test_an_operation_without_a_handler_is_named() -> None:
    handlers = Notes().handlers()
    del handlers["notes.delete"]
    with pytest.raises(Misconfigured, match=r"but not notes\.delete"):
        Api(DOCUMENT, [handlers], ToyAccess(), max_body=MAX_BODY, within=5.0)
