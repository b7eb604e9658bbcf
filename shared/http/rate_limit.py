"""How long a service asks not to be called: `Retry-After` (RFC 9110, 10.2.3), or the headers of a rate limit.

Source of the latter: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (`X-RateLimit-Remaining`, and
`X-RateLimit-Reset`, a time of ISO 8601; others give epoch seconds there).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from shared.times import at_seconds

_MIN, _MAX = 1.0, 86_400.0
"""Seconds: the range that a wait is clamped to."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from `now` until the service may be called again, or `None` where it does not say.

    `headers` are looked up in their usual spelling. A value that cannot be read counts as absent.
    """
    after = headers.get("Retry-After")
    if after is not None:
        return _clamped(float(after) if _whole(after) else _until(_http_date(after), now))
    if headers.get("X-RateLimit-Remaining") == "0":
        return _clamped(_until(_reset(headers.get("X-RateLimit-Reset", "")), now))
    return None


def _clamped(seconds: float | None) -> float | None:
    return None if seconds is None else min(_MAX, max(_MIN, seconds))


def _until(then: datetime | None, now: datetime) -> float | None:
    return None if then is None else (then - now).total_seconds()


def _http_date(text: str) -> datetime | None:
    try:
        return _aware(parsedate_to_datetime(text))
    except (ValueError, OverflowError):
        return None


def _reset(text: str) -> datetime | None:
    try:
        return at_seconds(int(text)) if _whole(text) else _aware(datetime.fromisoformat(text))
    except ValueError:
        return None


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12
