"""What event functions make of messages, and people of what became a dead letter."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from jobs.history.transaction_events import event
from local.bank.bank import transactions
from shared.events.avro.events import encode
from tests.corpus.content import text
from tests.corpus.scenarios.letters import letters
from tests.corpus.scenarios.steps import (
    FEATURES,
    NOON,
    SCHEDULER,
    Steps,
    again,
    at,
    cases,
    http,
    push,
    settle,
)
from tests.corpus.stage import Json


def pushes() -> Steps:
    """Messages of events, good and bad, and what becomes of the bad ones."""
    made = [event(each) for each in islice(transactions(11, 4, datetime(2026, 11, 20, tzinfo=UTC).date()), 6)]
    good = encode(made[0])
    for to in FEATURES:
        yield push(to, "transactions", good, at=at(NOON))
        yield push(to, "transactions", good, attempt=2)
        yield push(to, "transactions", None)
        yield push(to, "transactions", None, attributes={"kafka.key": "C-1"})
        yield push(to, "client-snapshots", None, attributes={"kafka.key": "C-1"})
        yield push(to, "transactions", b"")
        yield push(to, "transactions", good[:-1])
        yield push(to, "transactions", good + b"\x00")
        yield push(to, "transactions", b"\x00\x00\x00\x00\x07" + good)
        yield push(to, "transactions", b"\x00\x00\x00\x00\x07" + good, attempt=9)
        yield push(to, "transactions", b"\xc3\x01" + b"\x07" * 8 + good)
        yield push(to, "transactions", b"\xc3\x01" + b"\x07" * 8 + good, attempt=9)
        yield push(to, "transactions", b"\xff" * 40)
        yield push(to, "transactions", json.dumps({"event_id": "x"}).encode())
        yield push(to, "nothing", good)
        yield push(to, "nothing", good, attempt=9)
        yield push(to, "transactions", good, attempt=0, published_at=at(NOON - timedelta(hours=1)))
        future = _moved(made[1], NOON + timedelta(days=3))
        yield push(to, "transactions", encode(future))
        yield push(to, "transactions", encode(_moved(made[2], NOON - timedelta(days=4000))))
        yield push(to, "transactions", encode(_moved(made[3], NOON - timedelta(days=50))))
        for body in cases(
            "",
            "{",
            "[]",
            "{}",
            '{"message":{}}',
            '{"message":{"messageId":"1"},"subscription":"x"}',
            '{"message":{"data":"!","messageId":"1","publishTime":"2026-11-22T12:00:00Z"},"subscription":"projects/p/subscriptions/transactions.x"}',
            '{"message":{"data":"","messageId":"1","publishTime":"soon"},"subscription":"projects/p/subscriptions/transactions.x"}',
        ):
            yield http(to, "/", body, **{"as": SCHEDULER})
        yield http(to, "/", "x", **{"as": "stranger@slacker.local"})
        yield http(to, "/", "x")
        yield http(to, "/x", "x", **{"as": SCHEDULER})
        yield http(to, "/", method="GET", **{"as": SCHEDULER})
        yield http(to, "/", headers={"content-length": "20000000"}, **{"as": SCHEDULER})
    yield push("risk_features", "decisions", b'{"jsonPayload":{"kind":"decision"}}')
    yield push("risk_features", "decisions", b"{")
    yield from settle()
    yield {"do": "push", "to": "dead_letters", "topic": "dead-letters-events", "data": text(good)}
    yield {
        "do": "push",
        "to": "dead_letters",
        "topic": "dead-letters-events",
        "data": text(good),
        "attributes": {
            "CloudPubSubDeadLetterSourceSubscription": "transactions.risk_features",
            "CloudPubSubDeadLetterSourceDeliveryCount": "5",
            "CloudPubSubDeadLetterSourceTopicPublishTime": at(NOON),
        },
    }
    yield {"do": "push", "to": "dead_letters", "topic": "nothing", "data": "x"}
    yield http("dead_letters", "/", "{", **{"as": SCHEDULER})
    yield http("dead_letters", "/", method="GET", **{"as": SCHEDULER})
    yield from letters("transactions")


def _moved(happened: Any, moment: datetime) -> Any:
    fields = {name: getattr(happened, name) for name in happened.__struct_fields__}
    return type(happened)(**{**fields, "occurred_at": moment, "event_id": f"{happened.event_id}-{moment:%Y}"})


def after_pushes(steps: Sequence[Json]) -> Steps:
    """Every message comes again, and the letters are dealt with."""
    for to in cases(*FEATURES, "dead_letters"):
        yield from again(steps, 22, "push", to=to)
    yield from settle()
    yield from letters("client-snapshots")
