"""A broker for a test: one topic, one subscription, dead letters held."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from local.broker.broker import Broker
from local.broker.status import SubscriptionStatus
from local.broker.topology import Push, Sink, Subscription, Topology
from local.stack.tokens import Tokens
from shared.messaging.messages import Message
from tests.support.eventually import eventually

TOPIC, NAME = "transactions", "transactions.test"
DEAD, HELD = "dead-letters", "dead-letters.held"


def topology(url: str = "", **options: Any) -> Topology:
    """One that pushes to `url`, or holds without one; quick to try again."""
    defaults = {"push": Push(url) if url else None, "min_backoff": 0.01, "max_backoff": 0.05, "dead_letter_topic": DEAD}
    subscription = Subscription(name=NAME, topic=TOPIC, **{**defaults, **options})
    return Topology(
        project="bank",
        topics=(TOPIC, DEAD, "nobody-listens"),
        subscriptions=(subscription, Subscription(name=HELD, topic=DEAD)),
    )


@asynccontextmanager
async def broker(
    directory: Path,
    url: str = "",
    *,
    sinks: Mapping[str, Sink] | None = None,
    tokens: Tokens | None = None,
    **options: Any,
) -> AsyncIterator[Broker]:
    """A broker on `directory`'s file."""
    async with Broker(directory / "broker.sqlite", topology(url, **options), sinks=sinks, tokens=tokens) as started:
        yield started


def status_of(started: Broker, name: str = NAME) -> SubscriptionStatus:
    """The status of a subscription."""
    (status,) = (candidate for candidate in started.status().subscriptions if candidate.name == name)
    return status


def numbered(count: int, start: int = 0) -> Sequence[Message]:
    """Messages that say their numbers."""
    return [Message(b"%d" % number) for number in range(start, start + count)]


async def wait_until_settled(started: Broker, name: str = NAME) -> None:
    """Return once a subscription has no backlog."""
    await wait_until(started, name, lambda status: not status.backlog)


async def wait_until(started: Broker, name: str, condition: Callable[[SubscriptionStatus], bool]) -> None:
    """Return once a subscription's status meets a condition."""
    await eventually(lambda: condition(status_of(started, name)))
