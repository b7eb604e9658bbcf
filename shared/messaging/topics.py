"""The topics of Pub/Sub: the one table (`schemas/topics.json`) that code, the local stack, Kafka Connect and Terraform
agree on.

A subscription is called `{topic}.{function}`, so that its messages tell their topic.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache

import msgspec

from shared import schema_files


class Topic(msgspec.Struct, frozen=True):
    """One topic. `source` says what fills it (`kafka`, `log_sink`, `functions` or `dead_letters`), `publishers` which
    functions may publish there (IAM holds them to it), `subscribers` which functions its messages are pushed to,
    `dead_letters` the topic for what cannot be processed (empty for none), `command` the type of command it carries,
    `lifetime` how long after its issue such a command may still be begun.
    """

    name: str
    source: str
    subscribers: tuple[str, ...]
    publishers: tuple[str, ...] = ()
    archived: bool = False
    dead_letters: str = ""
    command: str = ""
    lifetime: timedelta = timedelta()


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by name."""
    return {
        name: Topic(
            name,
            entry["source"],
            tuple(entry["subscribers"]),
            tuple(entry.get("publishers", ())),
            entry.get("archived", False),
            entry.get("dead_letters", ""),
            entry.get("command", ""),
            timedelta(seconds=entry.get("lifetime_seconds", 0)),
        )
        for name, entry in schema_files.load("topics.json").items()
    }


def topic_of(subscription: str) -> str:
    """The topic that a subscription is of."""
    return subscription.partition(".")[0]


def subscriber_of(subscription: str) -> str:
    """The subscriber of a subscription: a function, or the archive."""
    return subscription.partition(".")[2]
