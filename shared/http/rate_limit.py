"""How long a service asks to be left alone: `Retry-After` (RFC 9110, 10.2.3), or the headers of a rate limit.

Source of the latter: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (`X-RateLimit-Remaining`, and
`X-RateLimit-Reset`, a time of ISO 8601; others give epoch seconds there).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LEAST, _MOST = 1.0, 86_400.0
"""Seconds: what is believed. Nobody comes back at once, nor never."""


def left_alone(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from `now` until the service wants to be called again, or `None` where it does not say.

    `headers` are looked up in the usual spelling. What cannot be read is as if it were not there.
    """
    after = headers.get("Retry-After")
    if after is not None:
        return _believed(float(after) if _whole(after) else _until(_http_date(after), now))
    if headers.get("X-RateLimit-Remaining") == "0":
        return _believed(_until(_reset(headers.get("X-RateLimit-Reset", "")), now))
    return None


def _believed(seconds: float | None) -> float | None:
    return None if seconds is None else min(_MOST, max(_LEAST, seconds))


def _until(then: datetime | None, now: datetime) -> float | None:
    return None if then is None else (then - now).total_seconds()


def _http_date(text: str) -> datetime | None:
    try:
        return _aware(parsedate_to_datetime(text))
    except (ValueError, OverflowError):
        return None


def _reset(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text), UTC) if _whole(text) else _aware(datetime.fromisoformat(text))
    except (ValueError, OverflowError, OSError):
        return None


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12
