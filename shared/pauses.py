"""How long to wait before each further try: longer every time, and never as long as everybody else (jitter)."""

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TypeVar

from shared.deadline import Deadline
from shared.errors import SlackerError

T = TypeVar("T")

_LEAST_APART, _MOST_APART = timedelta(seconds=1), timedelta(minutes=5)


class Retryable(Exception):
    """A failure that may be over soon: `error` is raised if no try is left, `after` are the seconds until which the
    server asked to be left alone.
    """

    def __init__(self, error: SlackerError, after: float = 0.0) -> None:
        super().__init__()
        self.error = error
        self.after = after


def retry_blocking(attempt: Callable[[], T], waits: Iterable[float], deadline: Deadline) -> T:
    """What `attempt` gives, for who has no loop: after a `Retryable` it is called again, once for each of `waits`
    (seconds), while the deadline is later than the wait; then its error is raised.
    """
    remaining = iter(waits)
    while True:
        try:
            return attempt()
        except Retryable as failure:
            wait = next(remaining, None)
            if wait is None or (wait := max(failure.after, wait)) >= deadline.remaining():
                raise failure.error from failure
            deadline.clock.block(wait)


def pauses(first: float, growth: float, longest: float = float("inf")) -> Iterator[float]:
    """Pauses in seconds without end: each between half and all of `first`, then of `growth` times the one before, up to
    `longest`.
    """
    pause = first
    while True:
        yield random.uniform(pause / 2, pause)  # noqa: S311 - spreads retries, guards nothing
        pause = min(growth * pause, longest)


def apart(who: bytes, since: datetime, until: datetime, not_after: datetime) -> datetime:
    """The time to come back for `who` was sent away until `until`, and has waited `since`: some time after that.

    Thousands that are told "in a second" would all come in the same second, be sent away again but for a few, and keep
    everything between busy with that. So each comes up to as much later as it has waited by then, which doubles what a
    crowd is spread over every time it is sent away; at most 5 minutes, and half of what is left until `not_after`.
    """
    most = max(min(max(until - since, _LEAST_APART), _MOST_APART, (not_after - until) / 2), timedelta())
    drawn = blake2b(who + until.isoformat().encode(), digest_size=4).digest()
    return until + most * (int.from_bytes(drawn) / 2**32)
