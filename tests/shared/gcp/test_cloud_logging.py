import pytest

from shared.errors import Unavailable
from shared.gcp.cloud_logging import CloudLogging
from tests.support.deadlines import plenty
from tests.support.scripted_server import json_reply, scripted


def test_entries_are_asked_for_page_by_page() -> None:
    first = json_reply({"entries": [{"insertId": "a"}], "nextPageToken": "2"})
    empty = json_reply({"nextPageToken": "3"})
    with scripted(first, empty, json_reply({"entries": [{"insertId": "b"}]})) as server:
        logging = CloudLogging("bank", lambda: "t0ken", server.url)

        assert logging.entries('x="y"', plenty(), 5000) == [{"insertId": "a"}, {"insertId": "b"}]

    assert server.requests[0] == {
        "path": "/v2/entries:list",
        "authorization": "Bearer t0ken",
        "body": {
            "resourceNames": ["projects/bank"],
            "filter": 'x="y"',
            "orderBy": "timestamp asc",
            "pageSize": 1000,
        },
    }
    assert [request["body"].get("pageToken") for request in server.requests] == [None, "2", "3"]


def test_no_more_is_read_than_was_asked_for() -> None:
    page = json_reply({"entries": [{"insertId": str(number)} for number in range(1000)], "nextPageToken": "more"})
    with scripted(page) as server:
        entries = CloudLogging("bank", lambda: "", server.url).entries("", plenty(), 1500)

    assert (len(entries), len(server.requests)) == (1500, 2)


def test_pages_that_never_end_are_given_up() -> None:
    with scripted(json_reply({"nextPageToken": "again"})) as server:
        entries = CloudLogging("bank", lambda: "", server.url).entries("", plenty(), 1000)

    assert (entries, len(server.requests)) == ([], 4)


@pytest.mark.parametrize("entries", [{"a": 1}, ["a"], "a"])
def test_something_else_than_entries_is_no_answer(entries: object) -> None:
    with scripted(json_reply({"entries": entries})) as server, pytest.raises(Unavailable, match="something else"):
        CloudLogging("bank", lambda: "", server.url).entries("", plenty(), 10)
