"""Objects are listed page by page and read whole, or it is said why not."""

from io import BytesIO

import pytest

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Forbidden, NotFound, SlackerError, Unavailable
from shared.gcp.storage_objects import StorageObjects
from tests.support.giving_up import unhurried
from tests.support.scripted_server import Reply, json_reply, scripted

CONTENT = Reply(b"content")


def objects(url: str) -> StorageObjects:
    return StorageObjects("the-bucket", lambda: "t0ken", url)


def downloaded(url: str, deadline: Deadline | None = None) -> bytes:
    into = BytesIO()
    objects(url).download("a folder/one.avro", into, deadline or unhurried())
    return into.getvalue()


def test_a_listing_goes_on_to_its_last_page() -> None:
    pages = [
        json_reply({"items": [{"name": "p/a", "size": "3"}], "nextPageToken": "more"}),
        json_reply({"items": [{"name": "p/b", "size": "5"}]}),
    ]
    with scripted(*pages) as server:
        assert list(objects(server.url).list("p/", unhurried())) == [("p/a", 3), ("p/b", 5)]

    where = "/storage/v1/b/the-bucket/o?prefix=p%2F&fields=items%28name%2Csize%29%2CnextPageToken&pageToken="
    assert [request["path"] for request in server.requests] == [where, f"{where}more"]


def test_an_empty_bucket_lists_nothing() -> None:
    with scripted(json_reply({})) as server:
        assert list(objects(server.url).list("", unhurried())) == []


def test_an_object_is_read_whole_and_the_token_goes_along() -> None:
    with scripted(CONTENT) as server:
        assert downloaded(server.url) == b"content"

    path = "/storage/v1/b/the-bucket/o/a%20folder%2Fone.avro?alt=media"
    assert server.requests == [{"path": path, "authorization": "Bearer t0ken", "body": None}]


@pytest.mark.parametrize("trouble", [Reply(status=503), Reply(b"conte", behaviour="cut")], ids=["down", "cut"])
def test_what_came_before_a_failure_is_not_in_the_object(trouble: Reply) -> None:
    with scripted(trouble, trouble, CONTENT) as server:
        assert downloaded(server.url) == b"content"


@pytest.mark.parametrize(
    ("status", "kind", "requests"),
    [(404, NotFound, 1), (401, Forbidden, 1), (403, Forbidden, 1), (500, Unavailable, 5)],
)
def test_a_refusal_is_told_and_trouble_is_tried_five_times(
    status: int, kind: type[SlackerError], requests: int
) -> None:
    with scripted(Reply(status=status)) as server:
        with pytest.raises(kind):
            downloaded(server.url)

        assert len(server.requests) == requests


@pytest.mark.parametrize(("behaviour", "kind"), [("hang", Unavailable), ("drip", DeadlineExceeded)])
def test_an_object_that_does_not_end_is_given_up_at_the_deadline(behaviour: str, kind: type[SlackerError]) -> None:
    with scripted(Reply(behaviour=behaviour)) as server, pytest.raises(kind):
        downloaded(server.url, Deadline.after(0.2))
