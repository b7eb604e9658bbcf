"""Which topics and subscriptions a broker has: data, checked before anything starts.

A subscription pushes, or hands batches to a callable of this process (a sink), or holds its messages to be looked at.
Intervals are in seconds. What is no longer named here stays in the broker's file and goes on when it is named again.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shared.errors import Misconfigured
from shared.json_value import NO_JSON
from shared.messaging.messages import Delivery

Sink = Callable[[Sequence[Delivery]], Awaitable[None]]
"""Takes a batch, one at a time: acknowledged when it returns, delivered again when it raises."""

_NAME = re.compile(r"(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}")  # https://cloud.google.com/pubsub/docs/resource-names


@dataclass(frozen=True, slots=True)
class Push:
    """Where a subscription pushes to. With an `email` it shows a token of that account, for `audience` or the URL."""

    url: str
    email: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription of `topic`.

    `ack_deadline` is also the time a push may take. A refused message comes again after `min_backoff`, then twice that
    each time up to `max_backoff`; with a `dead_letter_topic` the refusal number `max_attempts` sends it there instead.
    At most `max_outstanding` are being delivered at once.
    """

    name: str
    topic: str
    push: Push | None = None
    ack_deadline: float = 10.0
    min_backoff: float = 0.1
    max_backoff: float = 10.0
    max_attempts: int = 20
    dead_letter_topic: str = ""
    max_outstanding: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """All of a broker's topics and subscriptions."""

    project: str
    topics: tuple[str, ...]
    subscriptions: tuple[Subscription, ...] = ()

    def check(self) -> None:
        """Raise `Misconfigured`, saying everything that is wrong."""
        wrong = [*self._wrong_names(), *self._wrong_links(), *self._wrong_numbers()]
        if wrong:
            raise Misconfigured("the broker cannot work so: " + "; ".join(wrong))

    def _wrong_names(self) -> Iterator[str]:
        for kind, names in (
            ("topic", self.topics),
            ("subscription", [subscription.name for subscription in self.subscriptions]),
        ):
            if len(set(names)) < len(names):
                yield f"a {kind} is named twice"
            for name in names:
                if _NAME.fullmatch(name) is None:
                    yield f"{name!r} is no name of a {kind}: a letter and 2 to 254 letters, digits or -._~+% expected"

    def _wrong_links(self) -> Iterator[str]:
        drained = {subscription.topic for subscription in self.subscriptions}
        for subscription in self.subscriptions:
            name, topic, dead_letters = subscription.name, subscription.topic, subscription.dead_letter_topic
            if topic not in self.topics:
                yield f"{name}: there is no topic {topic}"
            if dead_letters and dead_letters not in drained:
                yield f"{name}: its dead letters would be lost, as {dead_letters} has no subscription"
            if dead_letters == topic:
                yield f"{name}: its dead letters would come back to it"

    def _wrong_numbers(self) -> Iterator[str]:
        for subscription in self.subscriptions:
            if not (subscription.ack_deadline > 0 and 0 <= subscription.min_backoff <= subscription.max_backoff):
                yield f"{subscription.name}: a positive ack_deadline and 0 <= min_backoff <= max_backoff expected"
            if subscription.max_attempts < 1 or subscription.max_outstanding < 1:
                yield f"{subscription.name}: max_attempts and max_outstanding of at least 1 expected"


def read(path: Path) -> Topology:
    """The topology in a JSON file that has the fields above; raises `Misconfigured`."""
    try:
        topology = msgspec.json.decode(path.read_bytes(), type=Topology)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}") from error
    except NO_JSON as error:
        raise Misconfigured(f"{path}: {error}") from error
    topology.check()
    return topology
