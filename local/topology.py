"""The stack's topics and subscriptions: who gets which events, and what is kept of them."""

from collections.abc import Mapping

from local.broker.topology import Push, Subscription, Topology
from shared.avro.shapes import TOPICS
from shared.dead_letters import EVENTS
from shared.received import DECISIONS

PUSHER = "pubsub@slacker.local"
"""The account that pushes."""

_MONEY_AND_LABELS = ("transactions", "fraud-labels")

SUBSCRIBERS: Mapping[str, tuple[str, ...]] = {
    topic: ("risk_features", "merchant_features") if topic in _MONEY_AND_LABELS else ("risk_features",)
    for topic in (*TOPICS.values(), DECISIONS)
}
"""The functions that each topic's events are pushed to."""

FUNCTIONS = ("risk_features", "merchant_features")

HELD = f"{EVENTS}.held"
"""Holds the dead letters, for people to look at."""

ARCHIVE = "archive"
"""What the name of a subscription that archives ends with."""

_ACK_DEADLINE = 15.0  # seconds; the functions answer within nine
_MOST_ATTEMPTS = 20  # the net under the functions' own dead letters, which come after five


def topology(project: str, urls: Mapping[str, str]) -> Topology:
    """Everything for the functions at `urls`; a subscription's name says its topic and who gets it."""
    pushed = [
        Subscription(
            name=f"{topic}.{function}",
            topic=topic,
            push=Push(urls[function], email=PUSHER),
            ack_deadline=_ACK_DEADLINE,
            max_attempts=_MOST_ATTEMPTS,
            dead_letter_topic=EVENTS,
        )
        for topic, functions in SUBSCRIBERS.items()
        for function in functions
        if function in urls
    ]
    archived = [Subscription(name=f"{topic}.{ARCHIVE}", topic=topic) for topic in SUBSCRIBERS]
    held = Subscription(name=HELD, topic=EVENTS)
    return Topology(project=project, topics=(*SUBSCRIBERS, EVENTS), subscriptions=(*pushed, *archived, held))
