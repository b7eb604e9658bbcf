"""Each delivery is counted once, whichever of its publisher and its acknowledgement is heard of first."""

import json
import time

from local.stack.deliveries import Deliveries

TWO = {"transactions": ("risk_features", "merchant_features"), "overdrafts": ("risk_features",)}


def push(id_: str) -> bytes:
    message = {"messageId": id_, "publishTime": "2024-03-01T00:00:00Z", "data": ""}
    return json.dumps({"message": message, "subscription": "projects/p/subscriptions/s"}).encode()


async def test_all_is_settled_when_every_function_has_acknowledged() -> None:
    deliveries = Deliveries(TWO)
    deliveries.publishing("transactions", ["1"], time.perf_counter())
    deliveries.passed("risk_features", push("1"), 204)
    assert not await deliveries.idle(0.01)
    deliveries.passed("merchant_features", push("1"), 204)
    assert await deliveries.idle(0.01)
    assert (deliveries.sent, deliveries.due, deliveries.done, len(deliveries.seconds)) == (1, 2, 2, 2)


async def test_a_refusal_is_no_acknowledgement() -> None:
    deliveries = Deliveries(TWO)
    deliveries.publishing("overdrafts", ["1"], time.perf_counter())
    deliveries.passed("risk_features", push("1"), 503)
    assert not await deliveries.idle(0.01)
    assert deliveries.done == 0


async def test_an_acknowledgement_may_come_before_its_publisher_hears_of_the_message() -> None:
    deliveries = Deliveries(TWO)
    deliveries.passed("risk_features", push("1"), 204)
    deliveries.publishing("overdrafts", ["1"], time.perf_counter())
    assert await deliveries.idle(0.01)
    assert (deliveries.due, deliveries.done) == (1, 1)


async def test_a_message_that_is_delivered_again_counts_once() -> None:
    deliveries = Deliveries(TWO)
    deliveries.publishing("overdrafts", ["1"], time.perf_counter())
    for _ in range(3):
        deliveries.passed("risk_features", push("1"), 204)
    assert (deliveries.due, deliveries.done) == (1, 1)


async def test_questions_that_pass_the_front_are_no_deliveries() -> None:
    deliveries = Deliveries(TWO)
    deliveries.passed("advice", b'{"question": 1}', 200)
    assert (deliveries.done, deliveries.lag(0.5)) == (0, 0.0)
