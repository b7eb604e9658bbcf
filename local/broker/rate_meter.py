"""How often something happened in the last ten seconds, in one counter per second."""

from dataclasses import dataclass, field

SECONDS = 10


@dataclass(slots=True)
class RateMeter:
    """Counts; times are seconds of one monotonic clock. `total` is since the start."""

    total: int = 0
    _counts: list[int] = field(default_factory=lambda: [0] * SECONDS)
    _second: int = 0

    def add(self, count: int, now: float) -> None:
        """`count` more happened."""
        self._advance(int(now))
        self._counts[self._second % SECONDS] += count
        self.total += count

    def rate(self, now: float) -> float:
        """How often a second."""
        self._advance(int(now))
        return sum(self._counts) / SECONDS

    def _advance(self, second: int) -> None:
        for passed in range(max(self._second + 1, second - SECONDS + 1), second + 1):
            self._counts[passed % SECONDS] = 0
        self._second = max(self._second, second)
