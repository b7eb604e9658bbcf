"""Commands that are done, refused, parked, expired, uncertain, and what comes of them."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from tests.corpus.scenarios.clients import preferences
from tests.corpus.scenarios.letters import letters
from tests.corpus.scenarios.operators import people
from tests.corpus.scenarios.steps import (
    NOON,
    SCHEDULER,
    Steps,
    again,
    at,
    cases,
    cli,
    command,
    http,
    late,
    operator,
    push,
    settle,
)
from tests.corpus.stage import Json


def commands() -> Steps:
    """Commands that are done, refused, parked, expired, uncertain; reviews; what clients chose and were told."""
    yield cli("bootstrap", writes=True, at=at(NOON - timedelta(hours=2)))
    yield from preferences()
    yield from _commanded()
    yield from settle()
    for minutes in cases(5, 60, 9 * 60):
        yield http("scheduled_work", "/", at=at(NOON + timedelta(minutes=minutes)), **{"as": SCHEDULER})
        yield from settle()
    yield from people()
    yield from letters("create_ticket")


def _commanded() -> Iterator[Json]:
    def go(id_: str, kind: str, payload: Any, again: int = 0, attempt: int = 1, **changes: Any) -> Iterator[Json]:
        body = command(id_, kind, payload, **changes)
        for number in range(1 + again):
            yield push("command_dispatch", f"commands-{kind.replace('_', '-')}", body, attempt=attempt + number)

    ticket = {"kind": "fraud_case", "summary": "Look at this", "client_id": "C-1", "reasons": ["SCORE_HIGH"]}
    yield {**next(go("t-1", "create_ticket", ticket)), "at": at(NOON)}
    yield from go("t-1", "create_ticket", ticket, again=1)
    yield from go("t-1", "create_ticket", {**ticket, "summary": "Something else"})
    yield from go("t-2", "create_ticket", {**ticket, "kind": "nothing"})
    yield from go("t-3", "create_ticket", {**ticket, "summary": "It is down"})
    yield from go("t-4", "create_ticket", {**ticket, "summary": "It is wrong"})
    yield from go("t-5", "create_ticket", ticket, not_after=at(NOON - timedelta(hours=1)))
    yield from go("t-6", "create_ticket", {"kind": "fraud"})
    yield from go("t-7", "create_ticket", ticket, version=9)
    yield from go("t-8", "create_ticket", ticket, issued_at="then")
    yield from go("t-9", "create_ticket", ticket, issued_at=at(NOON + timedelta(days=2)))
    yield from go("a b", "create_ticket", ticket)
    yield from go("t-10", "create_ticket", ticket, extra=1)
    yield push("command_dispatch", "commands-create-ticket", command("t-11", "resolve_transaction", ticket))
    for content in cases(None, b"", b"{", b"[]", b"\xff\xfe", {"long": 300_000}):
        yield push("command_dispatch", "commands-create-ticket", content)
    yield push("command_dispatch", "nothing", command("t-12", "nothing", {}))
    for kind, number in cases(("op-1", 1_000), ("op-2", 900_000)):
        payload = {
            "client_id": "C-1",
            "reasons": ["SCORE_HIGH"],
            "rule_set": "transaction@1",
            "amount": {"minor": number, "currency": "EUR"},
        }
        of: Json = {"operation": {"name": "transaction", "id": kind, "attempt": 1}}
        yield from go(f"r-{kind}", "open_review", payload, again=1, **of)
        yield from go(f"again-{kind}", "open_review", payload, **of)
    yield from go(
        "r-3",
        "open_review",
        {"client_id": "C-1", "reasons": [], "rule_set": "transaction@1"},
        operation={"name": "nothing", "id": "x", "attempt": 1},
    )
    resolve = {
        "transaction_id": "op-1",
        "review": "transaction.op-1.1",
        "decision": "approve",
        "reviewer": "ana@slacker.local",
        "reason": "CLIENT_CONFIRMED",
    }
    yield from go("x-1", "resolve_transaction", resolve)
    notification = {"client_id": "C-1", "channel": "push", "template": "payment_declined", "category": "security"}
    for number, changes in enumerate(
        cases(
            {},
            {"channel": "text"},
            {"template": "nothing"},
            {"template_version": 9},
            {"category": "service"},
            {"client_id": "C-2"},
            {"client_id": "nobody"},
            {"variables": {"x": 1}},
            {"dry_run": True},
            {"template": "reward_earned", "category": "rewards", "variables": {"points": 1200}},
            {"template": "app_refresh", "category": "service", "visibility": "silent"},
            {"channel": "text", "client_id": "down-1"},
            {"template": "card_used_far_away"},
            {"template": "payment_approved", "category": "service"},
        )
    ):
        yield from go(f"n-{number}", "notify_client", {**notification, **changes})
    yield from go("n-late", "notify_client", notification, not_after=at(NOON - timedelta(seconds=1)))
    yield {"do": "deliver", "topic": "notifications", "to": "push_notification"}
    for content in cases(
        None,
        b"{",
        command("n-x", "create_ticket", ticket),
        command("n-0", "notify_client", notification),
        command("n-1", "notify_client", notification),
    ):
        yield push("push_notification", "notifications", content)
    yield push(
        "push_notification",
        "notifications",
        command(
            "n-r",
            "notify_client",
            {**notification, "template": "reward_earned", "category": "rewards", "variables": {"points": 5}},
        ),
    )
    yield push(
        "push_notification",
        "notifications",
        command(
            "n-night",
            "notify_client",
            {**notification, "category": "rewards", "template": "reward_earned", "variables": {"points": 7}},
            not_after=at(NOON + timedelta(hours=30)),
        ),
        at=at(NOON + timedelta(hours=10, minutes=30)),
    )


def after_commands(steps: Sequence[Json]) -> Steps:
    """Every command comes again; what is parked goes on, what is open is decided, what is dead is sent again."""
    later = NOON + timedelta(hours=12)
    for to in cases("command_dispatch", "push_notification"):
        for step in again(steps, 100, "push", to=to):
            yield {**step, "at": at(later)}
    yield from again(steps, 3, to="notification_preferences", method="GET")
    yield from again(steps, 9, to="notification_preferences", method="PUT")
    yield operator("ben", "PUT", "/v1/switches/notify_client.push", {"on": True, "why": "over"})
    yield operator("ben", "PUT", "/v1/switches/create_ticket", {"on": True, "why": "over"})
    yield late(13)
    yield from settle()
    yield late(24)
    yield from settle()
    for who in cases("ana", "ben"):
        details = yield operator(who, "GET", "/v1/reviews/transaction.op-2.1")
        body = {"reason": "CLIENT_CONFIRMED", "revision": json.loads(details[0]["body"])["revision"]}
        yield operator(who, "POST", "/v1/reviews/transaction.op-2.1/approve", body)
    yield from settle()
    yield late(24 * 100)
    yield from settle()
    for step in people():
        if step["do"] == "cli":
            yield step
    yield from letters("create_ticket")
