"""A broker's status, which its page, its command and tests read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicStatus:
    """A topic: messages `published` since the broker's start, and a second in the last ten."""

    name: str
    published: int
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionStatus:
    """A subscription. `backlog` are messages not yet acknowledged, and `oldest_seconds` the age of the oldest.

    `outstanding` are on their way (at most `limit` may be), `retrying` were refused and wait; `most_attempts` is how
    often one of the backlog was refused. What follows counts since the broker's start; the rates are acknowledgements
    and refusals a second in the last ten. `last_refusal` is a status or the kind of error.
    """

    name: str
    topic: str
    destination: str
    backlog: int
    oldest_seconds: float
    outstanding: int
    limit: int
    retrying: int
    most_attempts: int
    acknowledged: int
    refused: int
    dead_lettered: int
    rate: float
    refusal_rate: float
    last_refusal: str


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a broker and all that it has."""

    project: str
    topics: list[TopicStatus]
    subscriptions: list[SubscriptionStatus]
