"""Retries: how long to wait before each further try, exponential and with jitter, and the loop of who has no loop."""

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TypeVar

from shared.deadline import Deadline
from shared.errors import SlackerError

T = TypeVar("T")

_MIN_SPREAD, _MAX_SPREAD = timedelta(seconds=1), timedelta(minutes=5)


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


def backoff(first: float, growth: float, longest: float = float("inf")) -> Iterator[float]:
    """Pauses in seconds without end: each between half and all of `first`, then of `growth` times the one before, up to
    `longest`.
    """
    pause = first
    while True:
        yield random.uniform(pause / 2, pause)  # noqa: S311 - spreads retries, guards nothing
        pause = min(growth * pause, longest)


def spread(who: bytes, since: datetime, until: datetime, not_after: datetime) -> datetime:
    """The time of the next try of `who`, which has waited since `since` and may try again from `until` on.

    Thousands that may all try again in a second would come in the same second, and most would be refused again. So each
    try is delayed by a random part of the time waited until then: with every refusal a crowd spreads over twice the
    time. The delay is at most 5 minutes, and half of what is left from `until` to `not_after`.
    """
    spread = max(min(max(until - since, _MIN_SPREAD), _MAX_SPREAD, (not_after - until) / 2), timedelta())
    drawn = blake2b(who + until.isoformat().encode(), digest_size=4).digest()
    return until + spread * (int.from_bytes(drawn) / 2**32)
