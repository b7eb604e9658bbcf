"""How many messages a subscription may have out at once, and when one that was refused comes again.

The window begins small, grows by one with each acknowledgement as long as nothing is refused (slow start), is halved
by each round of refusals and then grows by one per round. Where even one at a time is refused, there are pauses, of a
tenth of a second in the end: an outage costs few messages an attempt, and many that can never be delivered still get
through all of theirs. (Pub/Sub's push backoff does alike, with longer pauses.)
"""

from dataclasses import dataclass

_FIRST_LIMIT = 4.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.1  # seconds


@dataclass(slots=True)
class FlowControl:
    """The window of one subscription; `max_limit` is its largest size.

    Times are seconds of one monotonic clock. `limit` is how many may be out now, none before `paused_until`.
    """

    max_limit: int
    limit: float = _FIRST_LIMIT
    paused_until: float = 0.0
    _threshold: float = float("inf")
    _refused_at: float = -1.0
    _pause: float = _FIRST_PAUSE

    def __post_init__(self) -> None:
        self.limit = min(self.limit, self.max_limit)

    def room(self, outstanding: int, now: float) -> int:
        """How many more may go out now."""
        return 0 if now < self.paused_until else max(0, int(self.limit) - outstanding)

    def accepted(self) -> None:
        """One was acknowledged."""
        self._pause = _FIRST_PAUSE
        self.limit = min(
            float(self.max_limit), self.limit + (1.0 if self.limit < self._threshold else 1.0 / self.limit)
        )

    def refused(self, begun: float, now: float) -> None:
        """One that went out at `begun` was refused, or not answered in time.

        The limit is halved once for all that were out at the same time: a message that went out before the last
        halving changes nothing.
        """
        if begun < self._refused_at:
            return
        self._refused_at = now
        if self.limit < 2:
            self.paused_until = now + self._pause
            self._pause = min(_LONGEST_PAUSE, 2 * self._pause)
        self.limit = self._threshold = max(1.0, self.limit / 2)


def backoff(attempts: int, minimum: float, maximum: float, random: float) -> float:
    """Seconds until a message comes again after its refusal number `attempts`; `random` from 0 to 1 adds a quarter."""
    return min(maximum, minimum * 2.0 ** min(attempts - 1, 50)) * (1 + random / 4)
