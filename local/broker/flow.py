"""How many messages a subscription may have out at once, and when one that was refused comes again.

The window begins small, grows by one with each acknowledgement as long as nothing is refused (slow start), is halved
by a refusal and then grows by one per round. When everything is refused, one push at a time finds out whether that
has changed, after growing pauses: an outage costs few messages an attempt. (Pub/Sub's push backoff does alike.)
"""

from dataclasses import dataclass

_FIRST_LIMIT = 4.0
_FIRST_PAUSE = 0.1


@dataclass(slots=True)
class Flow:
    """The window of one subscription; `most` is its largest, `longest_pause` in seconds.

    Times are seconds of one monotonic clock. `limit` is how many may be out now, none before `paused_until`.
    """

    most: int
    longest_pause: float
    limit: float = _FIRST_LIMIT
    paused_until: float = 0.0
    _threshold: float = float("inf")
    _refused_at: float = -1.0
    _rounds: int = 0

    def __post_init__(self) -> None:
        self.limit = min(self.limit, self.most)

    def room(self, outstanding: int, now: float) -> int:
        """How many more may go out now."""
        return 0 if now < self.paused_until else max(0, int(self.limit) - outstanding)

    def accepted(self) -> None:
        """One was acknowledged."""
        self._rounds = 0
        self.limit = min(float(self.most), self.limit + (1.0 if self.limit < self._threshold else 1.0 / self.limit))

    def refused(self, begun: float, now: float) -> None:
        """One that went out at `begun` was refused, or not answered in time.

        Those that were out when the first of a round was refused say nothing new.
        """
        if begun < self._refused_at:
            return
        self._refused_at = now
        self.limit = self._threshold = max(1.0, self.limit / 2)
        if self._rounds:
            self.limit = 1.0
            self.paused_until = now + min(self.longest_pause, _FIRST_PAUSE * 2.0 ** min(self._rounds - 1, 30))
        self._rounds += 1


def backoff(attempts: int, least: float, most: float, random: float) -> float:
    """Seconds until a message comes again after its refusal number `attempts`; `random` from 0 to 1 adds a quarter."""
    return min(most, least * 2.0 ** min(attempts - 1, 50)) * (1 + random / 4)
