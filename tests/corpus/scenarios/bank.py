"""A day at a small bank, whole: what happens is asked about, booked, folded, commanded, reviewed and told."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from jobs.history.transaction_events import event, label
from local.bank.bank import transactions
from local.replay.question import question
from shared.events.events import Action, BankAction, ClientSnapshot, Overdraft, reversal
from tests.corpus.scenarios.steps import (
    ADVICE,
    BANK,
    FEATURES,
    SCHEDULER,
    Steps,
    again,
    at,
    cli,
    events,
    http,
    late,
    operator,
    settle,
)
from tests.corpus.stage import Json


def bank() -> Steps:
    """A small bank: what happens is asked about, booked, folded, commanded, reviewed and told."""
    start = datetime(2026, 3, 2, tzinfo=UTC)
    happening = list(islice(transactions(7, 9, start.date(), fraud_rate=60.0), 150))
    for client in sorted({each.client for each in happening}):
        snapshot = ClientSnapshot(
            event_id=f"s-{client}",
            client=client,
            occurred_at=start - timedelta(days=1),
            time_zone="Europe/Prague",
            language="cs",
            country="CZ",
            segment="retail",
            birth_year=1980,
            account_opened=datetime(2016, 1, 1, tzinfo=UTC),
        )
        yield from events(snapshot, at=at(start))
    yield cli("bootstrap", writes=True, at=at(start))
    for number, each in enumerate(happening):
        moment = max(each.at, start)
        if number % 3:
            answer = yield http("advice", ADVICE, question(each), at=at(moment), **{"as": BANK})
            advice = json.loads(answer[0]["body"])["advice"]
            if advice == "STEPUP_NEEDED":
                yield http("advice", ADVICE, question(each, 2), **{"as": BANK})
        yield from events(event(each, 100_000 - number * 1_500), at=at(moment))
        if number % 25 == 24:
            yield from settle()
        if each.fraud and number % 2:
            yield from events(label(each))
    first = happening[0]
    undone = event(happening[5])
    yield from events(
        reversal(undone, "r-1", first.at + timedelta(days=3)), at=at(happening[-1].at + timedelta(hours=1))
    )
    unseen = event(happening[6])
    unseen = type(unseen)(
        event_id="never-came",
        client=unseen.client,
        kind=unseen.kind,
        occurred_at=unseen.occurred_at,
        amount=unseen.amount,
    )
    yield from events(reversal(unseen, "r-2", first.at + timedelta(days=3)))
    yield from events(
        BankAction(
            event_id="a-1",
            client=first.client,
            occurred_at=happening[-1].at,
            action=Action.DEVICE_ADDED,
            device="phone-9",
        )
    )
    yield from events(Overdraft(event_id="o-1", client=first.client, occurred_at=happening[-1].at, overdrawn=True))
    yield http("scheduled_work", "/", **{"as": SCHEDULER})
    yield from settle()
    listed = yield operator("ana", "GET", "/v1/reviews", query="limit=50")
    for number, review in enumerate(json.loads(listed[0]["body"])["reviews"][:6]):
        details = yield operator("ana", "GET", f"/v1/reviews/{review['id']}", query="why=case-7")
        seen = json.loads(details[0]["body"])
        verdict = "approve" if number % 2 else "reject"
        body = {"reason": seen["reasons"][verdict][0], "revision": seen["revision"]}
        yield operator("ana", "POST", f"/v1/reviews/{review['id']}/{verdict}", body)
        yield operator("ana", "POST", f"/v1/reviews/{review['id']}/{verdict}", body)
        yield operator("ben", "POST", f"/v1/reviews/{review['id']}/approve", {**body, "revision": body["revision"] + 1})
    yield from settle()
    later = happening[-1].at + timedelta(days=60)
    yield http("scheduled_work", "/", at=at(later), **{"as": SCHEDULER})
    yield from settle()
    yield operator("dora", "GET", "/v1/audit", query="first=1&limit=20")
    yield cli("commands", "count")
    yield cli("commands", "list", "--status", "done")
    yield cli("trace", first.id)
    yield cli("audit", "verify", **{"as": "dora"})


def after_bank(steps: Sequence[Json]) -> Steps:
    """Questions and events come again and go on; reviews are looked at; what waited comes."""
    moment = datetime(2026, 3, 20, 12, tzinfo=UTC)
    for step in again(steps, 30, to="advice"):
        yield {**step, "at": at(moment)}
    for to in FEATURES:
        for step in again(steps, 400, "push", to=to):
            if step.get("topic") != "transactions" or len(str(step["data"])) % 4 == 0:
                yield {**step, "at": at(moment)}
    for each in islice(transactions(8, 9, moment.date(), fraud_rate=60.0), 24):
        yield http("advice", ADVICE, question(each), at=at(max(moment, each.at)), **{"as": BANK})
        yield from events(event(each))
    listed = yield operator("ana", "GET", "/v1/reviews", query="status=any")
    for review in json.loads(listed[0]["body"])["reviews"][:4]:
        yield operator("ana", "GET", f"/v1/reviews/{review['id']}")
    yield late(0)
    yield from settle()
    yield cli("audit", "verify", **{"as": "dora"})
    yield cli("commands", "list")
    yield cli("operations", "list")
