"""What reviewers, support and auditors do, and the command line for them."""

from datetime import timedelta

from tests.corpus.scenarios.steps import (
    NOON,
    SCHEDULER,
    Steps,
    at,
    cases,
    cli,
    command,
    http,
    operator,
    push,
    settle,
)


def people() -> Steps:
    yield operator("ana", "GET", "/v1/openapi.json")
    yield operator("ana", "GET", "/v1/switches")
    turn = {"on": False, "why": "a test"}
    for name, body in cases(
        ("create_ticket", turn),
        ("notify_client.push", turn),
        ("nothing", turn),
        ("create_ticket", {}),
        ("create_ticket", {**turn, "why": ""}),
        ("create_ticket", turn),
    ):
        yield operator("ana", "PUT", f"/v1/switches/{name}", body)
    ticket = {"kind": "operations", "summary": "Switched off"}
    off = push(
        "command_dispatch",
        "commands-create-ticket",
        command("off-1", "create_ticket", ticket, not_after=at(NOON + timedelta(days=2))),
    )
    yield off
    yield push(
        "command_dispatch",
        "commands-notify-client",
        command(
            "off-2",
            "notify_client",
            {"client_id": "C-1", "channel": "push", "template": "payment_declined", "category": "security"},
            not_after=at(NOON + timedelta(days=2)),
        ),
    )
    yield operator("ana", "GET", "/v1/switches", query="why=look")
    yield cli("switches", "list")
    yield cli("switches", "on", "create_ticket", "--why", "over")
    yield cli("switches", "off", "nothing", "--why", "x")
    yield http("scheduled_work", "/", at=at(NOON + timedelta(hours=11)), **{"as": SCHEDULER})
    yield from settle()
    review = "/v1/reviews/transaction.op-1.1"
    for who, method, path, body in cases(
        ("ana", "GET", "/v1/reviews", None),
        ("sue", "GET", "/v1/reviews", None),
        ("stranger", "GET", "/v1/reviews", None),
        ("ana", "GET", review, None),
        ("ana", "GET", "/v1/reviews/nothing", None),
        ("ana", "DELETE", review, None),
        ("ana", "POST", f"{review}/approve", {}),
        ("ana", "POST", f"{review}/approve", {"reason": "NONSENSE", "revision": 1}),
        ("ana", "POST", f"{review}/approve", "{"),
        ("ana", "POST", f"{review}/approve", {"reason": "CLIENT_CONFIRMED", "revision": 7}),
        ("ana", "POST", f"{review}/approve", {"reason": "CLIENT_CONFIRMED", "revision": 1}),
        ("ben", "POST", f"{review}/reject", {"reason": "FRAUD", "revision": 1}),
        ("ana", "GET", review, None),
        ("ana", "GET", "/v1/nothing", None),
        ("ana", "GET", "/", None),
        ("ana", "POST", "/v1/reviews", {}),
    ):
        yield operator(who, method, path, body)
    for query in cases(
        "status=open",
        "status=any",
        "status=x",
        "limit=0",
        "limit=x",
        "limit=1",
        "after=a",
        "extra=1",
        "limit=1&limit=2",
    ):
        yield operator("ana", "GET", "/v1/reviews", query=query)
    yield from settle()
    yield cli("reviews", "list")
    yield cli("reviews", "show", "transaction.op-2.1")
    yield cli("reviews", "approve", "transaction.op-2.1", "--reason", "NONSENSE")
    yield cli("reviews", "approve", "transaction.op-2.1", "--reason", "CLIENT_CONFIRMED")
    yield cli("reviews", "approve", "transaction.op-2.1", "--reason", "CLIENT_CONFIRMED")
    yield cli("reviews", "reject", "transaction.op-2.1", "--reason", "FRAUD", **{"as": "ben"})
    yield from settle()
    for who, body in cases(
        ("sue", {"client": "C-1"}),
        ("sue", {"client": "nobody", "why": "case 7"}),
        ("sue", {}),
        ("dora", {"client": "C-1"}),
    ):
        yield operator(who, "POST", "/v1/messages/search", body)
    yield cli("messages", "C-1", "--why", "case 7", **{"as": "sue"})
    for query in cases("", "first=1&limit=3", "first=0", "limit=501"):
        yield operator("dora", "GET", "/v1/audit", query=query)
    yield operator("ana", "GET", "/v1/audit")
    yield cli("audit", "list", **{"as": "dora"})
    yield cli("audit", "verify", **{"as": "dora"})
    yield cli("audit", "verify", "--json", **{"as": "dora"})
    for arguments in cases(
        ["count"],
        ["list"],
        ["list", "--status", "parked", "--json"],
        ["show", "t-1"],
        ["show", "t-3"],
        ["show", "nothing"],
        ["list", "--status", "x"],
        ["count", "--json"],
    ):
        yield cli("commands", *arguments)
    yield http("scheduled_work", "/", method="GET", **{"as": SCHEDULER})
    yield http("scheduled_work", "/x", **{"as": SCHEDULER})
    yield http("scheduled_work", "/")
    yield http("scheduled_work", "/", **{"as": "stranger@slacker.local"})
