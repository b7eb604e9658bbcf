"""The stack's topics and subscriptions: those of the one table of topics, for the functions that run."""

from collections.abc import Collection, Iterator, Mapping

from local.broker.topology import Push, Subscription, Topology
from shared.messaging.dead_letter_publisher import EVENTS
from shared.messaging.topics import Topic, topics

PUSHER = "pubsub@slacker.local"
"""The account that pushes."""

PUSHED = frozenset(function for topic in topics().values() for function in topic.subscribers)
"""The functions that messages are pushed to."""

HELD = f"{EVENTS}.dead_letters"
"""Takes the dead letters of events: it holds them for people to look at, where no function drains it."""

ARCHIVE = "archive"
"""What the name of a subscription that archives ends with."""

_ACK_DEADLINE = 15.0  # seconds; the functions answer within nine
_MAX_ATTEMPTS = 100  # Pub/Sub's maximum; functions publish their own dead letters sooner


def subscribers(functions: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Which of `functions` each topic's messages are pushed to."""
    return {
        name: tuple(function for function in topic.subscribers if function in functions)
        for name, topic in topics().items()
    }


def topology(project: str, urls: Mapping[str, str]) -> Topology:
    """Everything for the functions at `urls`; a subscription's name says its topic and who gets it.

    One whose function is not there holds its messages.
    """
    subscriptions = tuple(subscription for topic in topics().values() for subscription in _of(topic, urls))
    return Topology(project=project, topics=tuple(topics()), subscriptions=subscriptions)


def _of(topic: Topic, urls: Mapping[str, str]) -> Iterator[Subscription]:
    for function in topic.subscribers:
        yield Subscription(
            name=f"{topic.name}.{function}",
            topic=topic.name,
            push=Push(urls[function], email=PUSHER) if function in urls else None,
            ack_deadline=_ACK_DEADLINE,
            max_attempts=_MAX_ATTEMPTS,
            dead_letter_topic=topic.dead_letters,
        )
    if topic.archived:
        yield Subscription(name=f"{topic.name}.{ARCHIVE}", topic=topic.name)
