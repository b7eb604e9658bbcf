"""What `advice` and `risk_decision` make of what they are asked."""

from collections.abc import Sequence

from tests.corpus.scenarios.steps import (
    ADVICE,
    BANK,
    BODY,
    NOON,
    Steps,
    again,
    at,
    cases,
    changed,
    cli,
    http,
)
from tests.corpus.stage import Json


def advice() -> Steps:
    """Questions good and bad, the sandbox, the contract."""
    who = {"as": BANK}
    yield http("advice", ADVICE, BODY, at=at(NOON), **who)
    yield http("advice", ADVICE, BODY, **who)
    yield http("advice", ADVICE, changed("posting.amount.minor", 1), **who)
    yield http("advice", "/v1/operations/transaction/operations/op-1", method="GET", **who)
    for path in cases(
        "/v1/openapi.json",
        "/v1/operations",
        "/",
        "/v1/operations/nothing/advice",
        "/v1/operations/x/y/z",
        "/v1/operations/transaction/advice",
        "/v1/operations/transaction/advice/op-1",
    ):
        yield http("advice", path, method="GET", **who)
    yield http("advice", "/v1/operations/nothing/advice", BODY, **who)
    yield http("advice", ADVICE, BODY)
    yield http("advice", ADVICE, BODY, **{"as": "stranger@slacker.local"})
    yield http("advice", ADVICE, BODY, headers={"authorization": "Basic eDp5"})
    for body in cases(
        "",
        "{",
        "[]",
        "null",
        '"x"',
        '{"a":1,"a":2}',
        '{"operation_id":"\\ud800"}',
        "{}",
        {"long": 70_000},
        '{"a":NaN}',
    ):
        yield http("advice", ADVICE, body, **who)
    for number, (path, value) in enumerate(
        cases(
            ("operation_id", None),
            ("operation_id", "a/b"),
            ("operation_id", ""),
            ("operation_id", 7),
            ("attempt", 0),
            ("attempt", 2),
            ("attempt", 99),
            ("posting.amount.minor", -1),
            ("posting.amount.minor", 1.5),
            ("posting.amount.minor", 10**15),
            ("posting.amount.currency", "eur"),
            ("posting.direction", "up"),
            ("posting.value_time", "yesterday"),
            ("posting.value_time", "2026-11-22T12:00:00"),
            ("posting.value_time", "2020-01-01T00:00:00Z"),
            ("posting.phase", "clearing"),
            ("context.occurred_at", "2027-01-01T00:00:00Z"),
            ("context.client_id", ""),
            ("context.channel", "pigeon"),
            ("context.merchant.category", "54"),
            ("context.extra", 1),
            ("extra", {"a": 1}),
            ("previous_attempt", 1),
            ("posting.amount", None),
            ("context", []),
        )
    ):
        wrong = (
            changed(path, value)
            if path == "operation_id"
            else {**changed(path, value), "operation_id": f"bad-{number}"}
        )
        yield http("advice", ADVICE, wrong, **who)
    for number, forced in enumerate(
        cases(
            "sandbox.approve",
            "sandbox.reject",
            "sandbox.stepup",
            "sandbox.manual",
            "sandbox.nothing",
            "sandbox.unavailable",
            "sandbox.invalid",
        )
    ):
        yield http("advice", ADVICE, changed("operation_id", f"{forced}.{number}"), **who)
        yield http("advice", ADVICE, changed("operation_id", f"{forced}"), **who)
    for deadline in cases("1", "0", "x", "100000"):
        yield http(
            "advice", ADVICE, changed("operation_id", f"d-{deadline}"), headers={"x-deadline-ms": deadline}, **who
        )
    yield http(
        "advice",
        ADVICE,
        changed("operation_id", "tr"),
        headers={"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"},
        **who,
    )
    for number, (minor, country) in enumerate([(90_000_000, "KP"), (5_000_000, "US"), (250, "CZ"), (700_000, "NG")]):
        big = changed("operation_id", f"big-{number}", changed("posting.amount.minor", minor))
        big["context"]["place"] = {"country": country, "city": "X", "latitude": 9.0, "longitude": 7.5}
        big["context"]["device_id"] = "D-1"
        yield http("advice", ADVICE, big, **who)
        yield http("advice", ADVICE, {**big, "attempt": 2, "previous_attempt": 1}, **who)
    ask = {
        "operation": "transaction",
        "operation_version": "transaction@1",
        "operation_id": "op-9",
        "attempt": 1,
        "at": at(NOON),
        "legal": ["APPROVE", "MANUAL_APPROVAL_NEEDED", "REJECT", "STEPUP_NEEDED"],
        "question": BODY,
    }
    us = {"as": "advice@slacker.local"}
    yield http("risk_decision", "/", ask, **us)
    yield http("risk_decision", "/", ask)
    yield http("risk_decision", "/", ask, **{"as": BANK})
    yield http("risk_decision", "/", method="GET", **us)
    yield http("risk_decision", "/x", ask, **us)
    for body in cases(
        "",
        "{",
        "[]",
        "{}",
        {**ask, "operation": "nothing"},
        {**ask, "legal": ["REJECT"]},
        {**ask, "legal": []},
        {**ask, "at": "x"},
        {**ask, "question": 1},
        {**ask, "question": {}},
        {**ask, "attempt": "1"},
        {"long": 300_000},
    ):
        yield http("risk_decision", "/", body, **us)
    yield http("risk_decision", "/", ask, headers={"x-deadline-ms": "nothing"}, **us)
    yield cli("trace", "op-1")
    yield cli("trace", "nothing", "--json")


def after_advice(steps: Sequence[Json]) -> Steps:
    """Every question is asked again."""
    yield from again(steps, 200, to="advice", method="POST")
    yield from again(steps, 3, to="risk_decision")
    yield cli("trace", "op-1")
