"""A record has arrived when everybody who gets its topic has acknowledged it; a second message of it is a duplicate."""

import asyncio
import base64
import json

import pytest

from local.kafka.arrivals import Arrivals, Record
from local.kafka.stack import FUNCTIONS
from local.stack.topology import subscribers

RECORD = Record("transactions", 2, 41)


def push(record: Record | None = RECORD, message: str = "m1") -> bytes:
    attributes = {"key": "c1"}
    if record is not None:
        attributes |= {"kafka.topic": record.topic, "kafka.partition": str(record.partition)}
        attributes |= {"kafka.offset": str(record.offset), "kafka.timestamp": "1700000000000"}
    body = {"data": base64.b64encode(b"x").decode(), "attributes": attributes, "messageId": message}
    body["publishTime"] = "2026-01-01T00:00:00Z"
    return json.dumps({"message": body, "subscription": "projects/p/subscriptions/transactions.risk_features"}).encode()


async def test_a_record_has_arrived_when_all_who_get_it_have_acknowledged_it() -> None:
    arrivals = Arrivals(subscribers(FUNCTIONS))
    waiting = asyncio.create_task(arrivals.all([RECORD], 5))
    arrivals.passed("risk_features", push(), 204)
    await asyncio.sleep(0)
    assert (waiting.done(), arrivals.missing([RECORD])) == (False, {("merchant_features", RECORD)})
    arrivals.passed("merchant_features", push(), 204)
    assert await waiting
    assert len(arrivals.lags) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_refusal_is_no_arrival(status: int) -> None:
    arrivals = Arrivals(subscribers(FUNCTIONS))
    arrivals.passed("risk_features", push(), status)
    assert (len(arrivals.missing([RECORD])), await arrivals.all([RECORD], 0.01)) == (2, False)


async def test_two_messages_of_one_record_are_counted_and_one_that_is_delivered_twice_is_not() -> None:
    arrivals = Arrivals(subscribers(FUNCTIONS))
    for message in ("m1", "m1", "m2"):
        arrivals.passed("risk_features", push(message=message), 204)
    assert arrivals.messages([RECORD]) == 2


async def test_what_did_not_come_through_kafka_is_followed_by_its_message() -> None:
    arrivals = Arrivals(subscribers(FUNCTIONS))
    arrivals.publishing("overdrafts", ["m7"], 0.0)
    arrivals.passed("risk_features", push(None, "m7"), 204)
    arrivals.passed("risk_features", b"no push at all", 204)
    assert (arrivals.due, arrivals.done, arrivals.messages([RECORD])) == (1, 1, 0)
