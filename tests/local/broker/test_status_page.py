"""The page of a broker's status."""

from dataclasses import replace

import pytest

from local.broker.rate_meter import RateMeter
from local.broker.status import Status, SubscriptionStatus, TopicStatus
from local.broker.status_page import age, page, state

IDLE = SubscriptionStatus(
    name="transactions.risk_features",
    topic="transactions",
    destination="http://127.0.0.1:1/risk_features",
    backlog=0,
    oldest_seconds=0.0,
    outstanding=0,
    limit=4,
    retrying=0,
    most_attempts=0,
    acknowledged=0,
    refused=0,
    dead_lettered=0,
    rate=0.0,
    refusal_rate=0.0,
    last_refusal="",
)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (IDLE, ("idle", "good")),
        (replace(IDLE, backlog=5, rate=3.0), ("delivering", "good")),
        (replace(IDLE, backlog=5, rate=3.0, oldest_seconds=61.0), ("delivering", "busy")),
        (replace(IDLE, backlog=5, refusal_rate=1.0), ("refused", "bad")),
        (replace(IDLE, backlog=5, refusal_rate=1.0, rate=1.0), ("delivering", "good")),
        (replace(IDLE, destination="held"), ("holds", "none")),
        (replace(IDLE, destination="held", backlog=1), ("holds", "busy")),
    ],
)
def test_each_status_has_a_word_and_a_look(status: SubscriptionStatus, expected: tuple[str, str]) -> None:
    assert state(status) == expected


def test_nothing_that_it_shows_is_markup() -> None:
    status = replace(IDLE, destination="http://x/<b>", last_refusal="<i>", refusal_rate=1.0, backlog=1)
    text = page(Status("<p>", [TopicStatus("<t>", 1, 1.0)], [status]))
    assert [mark for mark in ("<b>", "<i>", "<t>", "<p><p>") if mark in text] == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0.0 s"), (9.94, "9.9 s"), (60.0, "60 s"), (120.0, "2 min"), (7200.0, "2 h"), (172800.0, "2 d")],
)
def test_an_age_is_told_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert age(seconds) == text


def test_a_rate_is_over_the_last_ten_seconds() -> None:
    meter = RateMeter()
    for second in range(20):
        meter.add(5, 100.0 + second)
    assert [meter.rate(119.5), meter.rate(124.0), meter.rate(200.0), meter.total] == [5.0, 2.5, 0.0, 100]
