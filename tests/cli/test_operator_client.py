"""The way to the operators' API when it fails, hangs, answers nonsense, or refuses."""

import json
from typing import Any

import pytest

from cli.operator_client import OperatorClient, segment
from shared.clock import Clock
from shared.embedded.manual_clock import ManualClock
from shared.errors import (
    Conflict,
    DeadlineExceeded,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    SlackerError,
    Unauthenticated,
    Unavailable,
)
from tests.support.scripted_server import Reply, Scripted, json_reply, scripted


def client(server: Scripted, clock: Clock | None = None) -> OperatorClient:
    """Its pauses take no time, unless it is on the real `clock`."""
    return OperatorClient(server.url, lambda: "t0ken", 60.0, clock or ManualClock())


def refusal(status: int, detail: str = "told why", **more: Any) -> Reply:
    return Reply(json.dumps({"type": "about:blank", "status": status, "detail": detail, **more}).encode(), status)


def test_a_call_goes_under_the_token_with_its_query() -> None:
    with scripted(json_reply({"a": 1})) as server:
        assert client(server).get("/v1/reviews", status="open", after=None, limit=3) == {"a": 1}
    assert server.requests == [
        {"path": "/v1/reviews?status=open&limit=3", "authorization": "Bearer t0ken", "body": None}
    ]


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(503), refusal(429), Reply(b"<html>", 502), Reply(b"<html>"), Reply(b"[" * 100_000),
        Reply(b'{"a"', behaviour="cut"), Reply(b"x", 503, {"retry-after": "0"}),
    ],
    ids=["down", "too many", "gateway", "no json", "deep", "cut", "retry after"],
)  # fmt: skip
def test_trouble_that_passes_is_waited_out_where_twice_is_as_good_as_once(trouble: Reply) -> None:
    with scripted(trouble, trouble, json_reply({"a": 1})) as server:
        assert client(server).post("/x", {}, safe=True) == {"a": 1}
    assert len(server.requests) == 3


def test_what_is_not_safe_twice_is_tried_once() -> None:
    with scripted(refusal(503), json_reply({})) as server, pytest.raises(Unavailable, match="told why"):
        client(server).post("/x", {})
    assert len(server.requests) == 1


def test_trouble_that_stays_is_told_within_patience() -> None:
    clock = ManualClock()
    with scripted(refusal(503)) as server, pytest.raises(Unavailable, match="told why"):
        client(server, clock).get("/x")
    assert (len(server.requests) > 10, clock.monotonic() < 60) == (True, True)


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_a_service_that_does_not_come_to_an_end_is_given_up(behaviour: str) -> None:
    with scripted(Reply(behaviour=behaviour)) as server, pytest.raises(DeadlineExceeded):
        OperatorClient(server.url, lambda: "t0ken", 0.2).get("/x")


def test_nobody_at_the_address_says_what_to_set() -> None:
    with pytest.raises(Unavailable, match="SLACKER_OPERATOR_API"):
        OperatorClient("http://127.0.0.1:1", lambda: "t0ken", 60.0, ManualClock()).get("/x")


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Unauthenticated), (403, Forbidden), (404, NotFound), (409, Conflict)]
)
def test_a_refusal_is_told_at_once_in_the_services_words(status: int, kind: type[SlackerError]) -> None:
    with scripted(refusal(status)) as server:
        with pytest.raises(kind, match="told why"):
            client(server).get("/x")
        assert len(server.requests) == 1


def test_each_wrong_field_is_told() -> None:
    wrong = refusal(422, problems=[{"field": "/reason", "message": "one of A expected"}])
    with scripted(wrong) as server, pytest.raises(Invalid) as raised:
        client(server).post("/x", {})
    assert list(raised.value.problems) == [Problem("/reason", "one of A expected")]


def test_a_refusal_by_somebody_before_the_service_names_its_status() -> None:
    with scripted(Reply(b"<html>Forbidden</html>", 403)) as server, pytest.raises(Forbidden, match="status 403"):
        client(server).get("/x")


def test_an_id_is_one_segment_whatever_is_in_it() -> None:
    assert segment("a/b?c#d é") == "a%2Fb%3Fc%23d%20%C3%A9"
