import gzip

import pytest

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Forbidden, SlackerError, Unauthenticated, Unavailable
from shared.gcp import rest
from tests.support.giving_up import unhurried
from tests.support.scripted_server import Reply, json_reply, scripted


def test_an_answer_is_the_json_object_and_the_token_goes_along() -> None:
    with scripted(json_reply({"a": 1})) as server:
        assert rest.call(f"{server.url}/x", "t0ken", unhurried(), {"q": 2}) == {"a": 1}

    assert server.requests == [{"path": "/x", "authorization": "Bearer t0ken", "body": {"q": 2}}]


def test_an_answer_may_come_compressed_and_in_chunks() -> None:
    reply = Reply(gzip.compress(b'{"a": 1}'), headers={"content-encoding": "gzip"}, behaviour="chunked")
    with scripted(reply) as server:
        assert rest.call(server.url, "", unhurried()) == {"a": 1}


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(status=503),
        Reply(status=429, headers={"retry-after": "0"}),
        Reply(b"<html>"),
        Reply(b"[1]"),
        Reply(b"[" * 100_000),
        Reply(b'{"a"', behaviour="cut"),
    ],
    ids=["down", "too many", "no json", "no object", "deep", "cut"],
)
def test_trouble_that_passes_is_waited_out(trouble: Reply) -> None:
    with scripted(trouble, trouble, json_reply({"a": 1})) as server:
        assert rest.call(server.url, "", unhurried()) == {"a": 1}

    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Unauthenticated), (403, Forbidden), (400, Unavailable), (404, Unavailable), (302, Unavailable)],
)
def test_a_refusal_is_told_at_once(status: int, kind: type[SlackerError]) -> None:
    with scripted(Reply(status=status, headers={"location": "http://127.0.0.1:1/"})) as server:
        with pytest.raises(kind):
            rest.call(server.url, "", unhurried())

        assert len(server.requests) == 1


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_a_server_that_does_not_come_to_an_end_costs_the_deadline_and_no_more(behaviour: str) -> None:
    with scripted(Reply(b"{", behaviour=behaviour)) as server, pytest.raises((DeadlineExceeded, Unavailable)):
        rest.call(server.url, "", Deadline.after(0.2))


def test_a_server_that_stays_down_is_given_up_at_the_deadline_with_its_name_and_no_token() -> None:
    with scripted(Reply(status=500)) as server:
        with pytest.raises((DeadlineExceeded, Unavailable), match=r"^127\.0\.0\.1:\d+ ") as raised:
            rest.call(f"{server.url}/secret", "t0ken", unhurried())

        assert "t0ken" not in str(raised.value)
        assert len(server.requests) > 1


def test_a_server_that_asks_to_wait_beyond_the_deadline_is_not_waited_for() -> None:
    with (
        scripted(Reply(status=429, headers={"retry-after": "60"})) as server,
        pytest.raises(Unavailable, match="status 429"),
    ):
        rest.call(server.url, "", unhurried())
    assert len(server.requests) == 1


def test_nobody_there_is_told_by_address() -> None:
    with pytest.raises((DeadlineExceeded, Unavailable), match=r"127\.0\.0\.1:1 "):
        rest.call("http://127.0.0.1:1/", "", unhurried())


def test_an_answer_without_bounds_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "MAX_ANSWER", 10)
    with scripted(Reply(b'{"a": "0123456789"}')) as server, pytest.raises(Unavailable, match="more than 10 bytes"):
        rest.call(server.url, "", unhurried())
