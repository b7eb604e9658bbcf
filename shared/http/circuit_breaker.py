"""A circuit breaker: after some failures in a row a downstream is not called, then probed by one call at a time."""

import msgspec


class Breaker(msgspec.Struct):
    """Opens after `threshold` failures in a row; stays open `cooldown` seconds, doubled per failed probe up to
    `longest`.

    Times are of any monotonic clock, in seconds. Every call that `allows` allowed ends with `succeeded`, `failed` or
    `abandoned`.
    """

    threshold: int = 5
    cooldown: float = 0.5
    longest: float = 10.0
    _failures: int = 0
    _trips: int = 0
    _opened: float = float("-inf")
    _open_until: float = 0.0
    _probing: bool = False

    def allows(self, now: float) -> bool:
        """Whether a call may be made; while half open only one at a time may."""
        if self._failures < self.threshold:
            return True
        if now < self._open_until or self._probing:
            return False
        self._probing = True
        return True

    def open_for(self, now: float) -> float:
        """Seconds until a probe may be made: at least one, since another call may be probing."""
        return max(1.0, self._open_until - now)

    def succeeded(self) -> None:
        """The call worked: closed again."""
        self._failures = self._trips = 0
        self._probing = False

    def failed(self, begun: float, now: float) -> None:
        """The call allowed at `begun` failed; the last of `threshold`, or a failed probe, opens the breaker."""
        if begun < self._opened:
            return  # begun before the breaker opened: it says nothing new
        self._failures += 1
        if self._failures == self.threshold or self._probing:
            self._opened = now
            self._open_until = now + min(self.longest, self.cooldown * 2**self._trips)
            self._trips += 1
        self._probing = False

    def abandoned(self, begun: float) -> None:
        """The call allowed at `begun` ended for a reason that says nothing of the downstream."""
        if begun >= self._opened:
            self._probing = False
